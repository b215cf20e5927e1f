"""How do messages become rows, exactly once? The post room: inbox → reading → store → receipts → acknowledge."""
