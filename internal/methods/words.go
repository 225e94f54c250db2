package methods

// readingWord reports whether a last word reads wherever it stands, but for the
// names in writesByName. Words such as getpublicurl are not among them: some
// of them create what they return (disk.file.getExternalLink).
func readingWord(word string) bool {
	switch word {
	case "get", "list", "getlist",
		"fields", "getfields",
		"search", "count",
		"tail": // REST 3.0 and sign.b2e: further rows behind a cursor the caller keeps
		return true
	default:
		return false
	}
}

// writingWord reports whether a word is a deed. A reading word behind one names
// what the deed is done to: im.notify.read.list.
func writingWord(word string) bool {
	switch word {
	case "add", "create", "register", "import", "upload", "copy", "clone", "attach", "commit", "save",
		"update", "edit", "set", "modify", "move", "rename", "merge", "replace", "restore", "reset", "renew",
		"delete", "remove", "unset", "clear", "unregister", "cancel", "confirm", "conduct",
		"bind", "unbind", "subscribe", "unsubscribe", "join", "leave", "invite",
		"start", "stop", "finish", "close", "open", "run", "execute", "send", "answer", "share",
		"read", "unread", "mark", "pin", "unpin", "mute", "unmute", "hide", "like", "vote":
		return true
	default:
		return false
	}
}
