//! CLASS: b   MAP: RefCell in an Rc graph   DETERMINISTIC: yes
//! PATTERN: a visitor adds to the children of the node whose children are being walked over.
//! EXPECT-CATEGORY: reentrant-borrow
//! EXPECT-SITES: SITE-A (borrow of the walk) + SITE-B (borrow_mut of the visitor)
use std::cell::RefCell; // MAP-IMPORT
use std::rc::{Rc, Weak};

struct Node {
    name: String,
    parent: Weak<Node>,
    children: RefCell<Vec<Rc<Node>>>,
}

impl Node {
    fn new(name: &str, parent: Weak<Node>) -> Rc<Node> {
        Rc::new(Node { name: name.to_owned(), parent, children: RefCell::new(Vec::new()) })
    }

    fn add(self: &Rc<Node>, name: &str) {
        self.children.borrow_mut().push(Node::new(name, Rc::downgrade(self))); // SITE-B
    }

    fn walk(self: &Rc<Node>, visit: &dyn Fn(&Rc<Node>)) {
        visit(self);
        for child in self.children.borrow().iter() { // SITE-A
            child.walk(visit);
        }
    }
}

fn main() {
    let root = Node::new("root", Weak::new());
    root.add("a");
    root.add("b");
    root.walk(&|node| {
        if node.name == "b" {
            node.parent.upgrade().unwrap().add("c");
        }
    });
    println!("NO-SYMPTOM");
}
