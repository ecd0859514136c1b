//! What the user wants: profiles, their readers and their rules.
