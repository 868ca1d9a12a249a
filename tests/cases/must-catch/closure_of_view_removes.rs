//! CLASS: a   MAP: dashmap 6   DETERMINISTIC: yes
//! PATTERN: `view` shows the value below the shard lock; its closure takes the same entry out.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (view) + SITE-B (remove)
use dashmap::DashMap; // MAP-IMPORT

struct Token {
    uses_left: u32,
}

fn spend(tokens: &DashMap<u32, Token>, id: u32) -> bool {
    tokens
        .view(&id, |_, token| { // SITE-A
            if token.uses_left == 0 {
                tokens.remove(&id); // SITE-B
            }
            token.uses_left > 0
        })
        .unwrap_or(false)
}

fn main() {
    let tokens = DashMap::new();
    tokens.insert(1, Token { uses_left: 0 });
    println!("{}", spend(&tokens, 1));
    println!("NO-SYMPTOM");
}
