"""What earlier versions of the portal left in the table and the queue: one file each, never changed again."""
