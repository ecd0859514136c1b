//! Files, folders, archives, key files and workers.
