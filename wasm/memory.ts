export function roundUp(x: i32): i32 { return (x + 15) & ~15; }
