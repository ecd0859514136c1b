//! Decisions: classify, plan, apply, verify; pure.
