//! CLASS: b   MAP: RefCell<Vec<Box<dyn Fn>>>   DETERMINISTIC: yes
//! PATTERN: an observer that is told subscribes another one.
//! EXPECT-CATEGORY: reentrant-borrow
//! EXPECT-SITES: SITE-A (tell) + SITE-B (subscribe)
use std::cell::RefCell; // MAP-IMPORT
use std::rc::Rc;

type Observer = Box<dyn Fn(u32)>;

#[derive(Default)]
struct Topic {
    observers: RefCell<Vec<Observer>>,
}

impl Topic {
    fn subscribe(&self, observer: Observer) {
        self.observers.borrow_mut().push(observer); // SITE-B
    }

    fn tell(&self, value: u32) {
        for observer in self.observers.borrow().iter() { // SITE-A
            observer(value);
        }
    }
}

fn main() {
    let topic = Rc::new(Topic::default());
    let again = topic.clone();
    topic.subscribe(Box::new(move |value| {
        if value == 2 {
            again.subscribe(Box::new(|_| ()));
        }
    }));
    topic.tell(1);
    topic.tell(2);
    println!("NO-SYMPTOM");
}
