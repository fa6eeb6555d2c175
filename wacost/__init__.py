"""wacost: an independent, exact second opinion on a WhatsApp Business calling bill."""
