// Package methods knows which REST methods only read, so that a call whose
// outcome is unknown may be repeated.
//
// A writing method taken for a reading one makes duplicates; a reading one
// taken for a writing one costs a retry. So what is not known to read writes.
//
// A read here is a method whose repetition leaves nothing behind that one call
// would not. Pages named in this package are under api-reference of the official REST
// documentation (bitrix24/b24restdocs); "server" is the portal's own code.
package methods

import (
	"strings"
)

// Rule says why a method is taken to read or to write.
type Rule uint8

const (
	// RuleUnknown is for a name nothing is known of, also a malformed one. It
	// is taken to write.
	RuleUnknown Rule = iota
	// RuleName is for a name that stands in this package.
	RuleName
	// RuleWord is for a name whose last word is one of reading, such as list.
	RuleWord
	// RuleVerb is for a name whose last word is one of reading, after a word
	// of writing: im.notify.read.list marks a list as read. It is taken to write.
	RuleVerb
)

// String returns the rule's name, one word in lower case.
func (r Rule) String() string {
	switch r {
	case RuleName:
		return "name"
	case RuleWord:
		return "word"
	case RuleVerb:
		return "verb"
	default:
		return "unknown"
	}
}

// Reads reports whether a call of method only reads. Letter case does not
// matter; v3 is for REST 3.0, whose names are others than those of /rest/. An
// unknown name writes, and so does batch.
//
// It keeps no state and may be used by many goroutines.
func Reads(method string, v3 bool) bool {
	reads, _ := Decide(method, v3)
	return reads
}

// Writes reports whether a method is known to change something, though its name
// ends like a read: who reads a list with it asks for a change.
func Writes(method string, v3 bool) bool {
	reads, rule := Decide(method, v3)
	return !reads && rule != RuleUnknown
}

// Decide is [Reads] with the rule that decided.
func Decide(method string, v3 bool) (reads bool, rule Rule) {
	if !plain(method) {
		return false, RuleUnknown
	}
	name := strings.ToLower(method)
	switch {
	case writesByName(name):
		return false, RuleName
	case readsByName(name, v3):
		return true, RuleName
	}
	before, last := cutLast(name)
	if before == "" || !readingWord(last) {
		return false, RuleUnknown
	}
	if _, verb := cutLast(before); writingWord(verb) {
		return false, RuleVerb
	}
	return true, RuleWord
}

// plain reports whether a name consists of non-empty words of ASCII letters,
// digits and underscores with dots between them, as every method's does. What
// else a portal might make of a name is not to be guessed.
func plain(method string) bool {
	word := false
	for i := range len(method) {
		switch c := method[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
			word = true
		case c == '.' && word:
			word = false
		default:
			return false
		}
	}
	return word
}

// cutLast splits a name before its last dot; without one, before is empty.
func cutLast(name string) (before, last string) {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return "", name
}
