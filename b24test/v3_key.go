package b24test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// keepKeys is how long the answer to a call with an Idempotency-Key is kept.
const keepKeys = 24 * time.Hour

// keyHeader and replayedHeader are the headers of docs/protocol.md 9.8.
const (
	keyHeader      = "Idempotency-Key"
	replayedHeader = "Idempotent-Replayed"
)

// keys holds the answers to calls with an Idempotency-Key. The zero keys is ready.
type keys struct {
	mu   sync.Mutex
	kept map[keyOf]keptReply
}

// keyOf is the scope in which a key is unique.
type keyOf struct{ user, secret, method, key string }

type keptReply struct {
	body  []byte // of the request
	reply reply
	at    time.Time
}

// keyed runs a method, or repeats its answer if it was called with the same Idempotency-Key before.
// Two simultaneous calls both run, as the documentation warns.
func (k *keys) keyed(req *call, run func() reply) reply {
	values := req.Header.Values(keyHeader)
	if len(values) == 0 || !writes3(req.Method) {
		return run()
	}
	key := strings.Join(values, ", ")
	if !isKey(key) {
		return failure(3, errorV3("INVALIDIDEMPOTENCYKEYEXCEPTION", "The idempotency key must be 1 to 255 printable ASCII characters"))
	}
	id := keyOf{req.User, req.secret, strings.ToLower(req.Method), key}
	if old, ok := k.find(id); ok {
		if !bytes.Equal(old.body, req.RawBody) {
			return failure(3, errorV3("IDEMPOTENCYKEYREUSEDEXCEPTION", "The idempotency key was used with another request")).with(keyHeader, key)
		}
		return old.reply.with(keyHeader, key).with(replayedHeader, "true")
	}
	rep := run()
	if rep.succeeded() {
		k.keep(id, keptReply{body: req.RawBody, reply: rep, at: time.Now()})
	}
	return rep.with(keyHeader, key)
}

func (k *keys) find(id keyOf) (keptReply, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	old, ok := k.kept[id]
	if ok && time.Since(old.at) >= keepKeys {
		delete(k.kept, id)
		return old, false
	}
	return old, ok
}

func (k *keys) keep(id keyOf, rep keptReply) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept == nil {
		k.kept = map[keyOf]keptReply{}
	}
	k.kept[id] = rep
}

// isKey reports whether a portal accepts a text as a key.
func isKey(key string) bool {
	return key != "" && len(key) <= 255 && !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' })
}

// writes3 reports whether a method uses the key: methods that only read do not. It is not
// documented for a batch, so a batch ignores it here.
func writes3(method string) bool {
	last := strings.ToLower(method[strings.LastIndexByte(method, '.')+1:])
	return !slices.Contains(strings.Fields("list get tail count search aggregate batch documentation openapi senders thread"), last)
}

// with returns a copy of an answer with one more header.
func (rep reply) with(name, value string) reply {
	rep.header = rep.header.Clone()
	rep.header.Set(name, value)
	return rep
}

// succeeded reports whether an answer is a success: by the body, because a module's error may have
// any status.
func (rep reply) succeeded() bool {
	v, err := php.Decode(rep.body)
	a, ok := v.(*php.Array)
	if err != nil || !ok || rep.status != http.StatusOK {
		return false
	}
	_, failed := a.Get("error")
	return !failed
}
