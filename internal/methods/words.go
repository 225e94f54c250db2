package methods

// readingWord reports whether a method whose last word it is only reads, except for the names in
// writesByName. Words such as getpublicurl are not included: some of them create what they return
// (disk.file.getExternalLink).
func readingWord(word string) bool {
	switch word {
	case "get", "list", "getlist",
		"fields", "getfields",
		"search", "count",
		"tail": // REST 3.0 and sign.b2e: further rows after a cursor the caller keeps
		return true
	default:
		return false
	}
}

// writingWord reports whether a word is an action. A reading word after it names the object of the
// action: im.notify.read.list.
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
