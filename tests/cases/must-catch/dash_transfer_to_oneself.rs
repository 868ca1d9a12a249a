//! CLASS: a   MAP: DashMap 6   DETERMINISTIC: yes
//! PATTERN: two `get_mut(..).ok_or(..)?`; payer and payee are the same.
//! EXPECT-CATEGORY: self-deadlock
//! EXPECT-SITES: SITE-A (payer) + SITE-B (payee)
use dashmap::DashMap; // MAP-IMPORT

fn transfer(accounts: &DashMap<String, i64>, from: &str, to: &str, amount: i64) -> Result<(), String> {
    let mut payer = accounts.get_mut(from).ok_or("no payer")?; // SITE-A
    if *payer < amount {
        return Err("not enough".into());
    }
    let mut payee = accounts.get_mut(to).ok_or_else(|| format!("no {to}"))?; // SITE-B
    *payer -= amount;
    *payee += amount;
    Ok(())
}

fn main() {
    let accounts = DashMap::new();
    accounts.insert("ann".to_string(), 10);
    transfer(&accounts, "ann", "ann", 3).unwrap();
    println!("NO-SYMPTOM");
}
