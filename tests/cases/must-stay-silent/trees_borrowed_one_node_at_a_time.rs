//! TRAP: a tree of `Rc<RefCell<Node>>` with links to parents; each borrow ends before the next node's begins, or is
//! of another node. Observers are taken out before they are called.
use std::cell::{Cell, RefCell}; // MAP-IMPORT
use std::rc::{Rc, Weak};

#[derive(Default)]
struct Node {
    size: u32,
    parent: Weak<RefCell<Node>>,
    children: Vec<Rc<RefCell<Node>>>,
}

fn add(parent: &Rc<RefCell<Node>>, size: u32) -> Rc<RefCell<Node>> {
    let child = Rc::new(RefCell::new(Node { size, parent: Rc::downgrade(parent), ..Node::default() }));
    parent.borrow_mut().children.push(child.clone());
    child
}

fn grow(node: &Rc<RefCell<Node>>, by: u32) {
    node.borrow_mut().size += by;
    let parent = node.borrow().parent.upgrade();
    if let Some(parent) = parent {
        grow(&parent, by);
    }
}

fn total(node: &Rc<RefCell<Node>>) -> u32 {
    let node = node.borrow();
    node.size + node.children.iter().map(total).sum::<u32>()
}

#[derive(Default)]
struct Topic {
    observers: RefCell<Vec<Rc<dyn Fn(&Topic)>>>,
    told: Cell<u32>,
}

impl Topic {
    fn tell(&self) {
        let observers: Vec<_> = self.observers.borrow().clone();
        for observer in observers {
            observer(self);
        }
    }
}

fn main() {
    let root = Rc::new(RefCell::new(Node::default()));
    let mut last = root.clone();
    for size in 0..10 {
        last = add(&last, size);
        grow(&last, 1);
    }
    assert!(total(&root) > 45);
    let topic = Topic::default();
    topic.observers.borrow_mut().push(Rc::new(|topic| {
        topic.told.set(topic.told.get() + 1);
        if topic.told.get() < 5 {
            topic.observers.borrow_mut().push(Rc::new(|topic| topic.told.set(topic.told.get() + 1)));
        }
    }));
    for _ in 0..5 {
        topic.tell();
    }
    let (one, other) = (RefCell::new(1), RefCell::new(2));
    one.swap(&other);
}
