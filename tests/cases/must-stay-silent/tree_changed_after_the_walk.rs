//! TRAP: visitors of an `Rc` graph change nodes of which nobody has a borrow any more; ends of `try_borrow_mut` are used.
use std::cell::{Cell, RefCell}; // MAP-IMPORT
use std::rc::{Rc, Weak};

struct Node {
    name: String,
    parent: Weak<Node>,
    children: RefCell<Vec<Rc<Node>>>,
    busy: Cell<u32>,
}

impl Node {
    fn new(name: &str, parent: Weak<Node>) -> Rc<Node> {
        Rc::new(Node { name: name.to_owned(), parent, children: RefCell::default(), busy: Cell::new(0) })
    }

    fn add(self: &Rc<Node>, name: &str) {
        match self.children.try_borrow_mut() {
            Ok(mut children) => children.push(Node::new(name, Rc::downgrade(self))),
            Err(_) => self.busy.set(self.busy.get() + 1),
        }
    }

    fn walk(self: &Rc<Node>, visit: &dyn Fn(&Rc<Node>)) {
        visit(self);
        let children: Vec<_> = self.children.borrow().iter().map(Rc::clone).collect();
        children.iter().for_each(|child| child.walk(visit));
    }
}

fn main() {
    let root = Node::new("root", Weak::new());
    root.add("a");
    root.add("b");
    root.walk(&|node| {
        if let Some(parent) = node.parent.upgrade() {
            parent.add("c");
        }
    });
    let reader = root.children.borrow();
    root.add("refused");
    assert_eq!((reader.len(), root.busy.get()), (4, 1));
    println!("NO-SYMPTOM");
}
