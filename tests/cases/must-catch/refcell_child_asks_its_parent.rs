//! CLASS: b   MAP: Rc<RefCell<Node>> with links to the parent   DETERMINISTIC: yes
//! PATTERN: a child that is changed asks its parent, which looks at all its children.
//! EXPECT-CATEGORY: reentrant-borrow
//! EXPECT-SITES: SITE-A (the child's own borrow) + SITE-B (its parent's look)
use std::cell::RefCell; // MAP-IMPORT
use std::rc::{Rc, Weak};

#[derive(Default)]
struct Node {
    size: u32,
    parent: Weak<RefCell<Node>>,
    children: Vec<Rc<RefCell<Node>>>,
}

fn total(node: &Node) -> u32 {
    node.size + node.children.iter().map(|child| total(&child.borrow())).sum::<u32>() // SITE-B
}

fn grow(node: &Rc<RefCell<Node>>, by: u32) {
    let mut own = node.borrow_mut(); // SITE-A
    own.size += by;
    if let Some(parent) = own.parent.upgrade() {
        println!("of {}", total(&parent.borrow()));
    }
}

fn main() {
    let root = Rc::new(RefCell::new(Node::default()));
    let leaf = Rc::new(RefCell::new(Node { parent: Rc::downgrade(&root), ..Node::default() }));
    root.borrow_mut().children.push(leaf.clone());
    grow(&leaf, 3);
    println!("NO-SYMPTOM");
}
