package limit

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/b24go/b24/internal/hostname"
)

// shared holds the budgets of all portals that have a client in this process, and the operating
// times of their credentials.
//
//nolint:gochecknoglobals // the portal counts per source address, so the clients of a process must share
var shared = portals{budgets: make(map[budgetKey]*portal), guards: make(map[guardKey]*heldGuard)}

type portals struct {
	mu      sync.Mutex
	budgets map[budgetKey]*portal
	guards  map[guardKey]*heldGuard
}

// portal is a budget and the plans its clients asked for.
type portal struct {
	bucket *Bucket
	asked  map[size]int // number of clients that asked for it
	held   int          // number of clients
}

// budgetKey identifies a budget: that of a portal, in this process alone or in a store.
type budgetKey struct {
	host  string
	store Store // nil: none
}

// Shared is one client's hold on the budget of a portal. It is safe for concurrent use.
type Shared struct {
	*Bucket

	key      budgetKey
	wish     size
	guard    *Guard // tells others of methods near the limit, and hears of them; may be nil
	released bool
}

// Acquire returns the budget of a portal in this process. It is the same for all clients of host,
// with or without the port 443, in any letter case, in Cyrillic or Punycode. It must be released.
//
// If perSecond is 0, the client has no preference: the standard plan applies, or what others ask
// for. A plan is a fact about the portal; if clients differ, the lowest rate and the lowest burst
// apply while the clients that asked for them hold the budget.
func Acquire(host string, perSecond float64, burst int) *Shared {
	return AcquireIn(nil, host, perSecond, burst)
}

// AcquireIn is [Acquire] for a budget that all processes share that use the store, which is
// comparable. nil means none.
func AcquireIn(store Store, host string, perSecond float64, burst int) *Shared {
	wish := size{}
	if perSecond > 0 {
		wish = newPlan(perSecond, burst)
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	return shared.acquire(budgetKey{hostKey(host), store}, wish, nil)
}

// acquire returns a hold on a budget. A new one begins as the one before it, if there is one.
func (all *portals) acquire(key budgetKey, wish size, before *Bucket) *Shared {
	p, ok := all.budgets[key]
	if !ok {
		p = &portal{asked: make(map[size]int)}
		if key.store == nil {
			p.bucket = New(wish.rate, wish.burst)
		} else {
			p.bucket = newShared(key.store, key.host, wish)
		}
		if before != nil {
			p.bucket.budget = before.copied()
		}
		all.budgets[key] = p
	}
	p.held++
	if p.asked[wish]++; p.asked[wish] == 1 {
		p.configure()
	}
	return &Shared{Bucket: p.bucket, key: key, wish: wish}
}

// Share makes the clients of other processes learn of methods near the limit of their operating
// time, and the other way round, if the budget is in a store. credential is hashed.
func (s *Shared) Share(g *SharedGuard) {
	if s.fleet == nil {
		return
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	s.guard = g.Guard
	s.fleet.hot.join(s.guard, credentialKey(g.key.credential))
}

// Moved returns the hold for a portal that was renamed, and releases this one. A new budget begins
// as the old one, which is that of the same portal. It returns s itself if the host is the same.
func (s *Shared) Moved(host string) *Shared {
	key := budgetKey{hostKey(host), s.key.store}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if key == s.key || s.released {
		return s
	}
	moved := shared.acquire(key, s.wish, s.Bucket)
	if s.guard != nil {
		moved.guard = s.guard
		moved.fleet.hot.join(s.guard, s.fleet.hot.credential(s.guard))
	}
	s.release()
	return moved
}

// copied returns the budget without who waits for it.
func (b *Bucket) copied() budget {
	b.mu.Lock()
	defer b.mu.Unlock()
	copied := b.budget
	if b.fleet != nil && b.fleet.down {
		copied = b.fleet.last
	}
	copied.Since = instant{}
	return copied
}

// credentialKey returns the name of a credential in a store.
func credentialKey(credential string) string {
	const length = 8
	sum := sha256.Sum256([]byte("operating/" + credential))
	return hex.EncodeToString(sum[:length])
}

// Release gives up the hold. The budget is forgotten with the last hold. Waiting callers continue
// to wait. Further calls of Release do nothing.
func (s *Shared) Release() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	s.release()
}

func (s *Shared) release() {
	if s.released {
		return
	}
	s.released = true
	if s.guard != nil {
		s.fleet.hot.part(s.guard)
	}
	p := shared.budgets[s.key]
	if p.held--; p.held == 0 {
		delete(shared.budgets, s.key)
		return
	}
	if p.asked[s.wish]--; p.asked[s.wish] == 0 {
		delete(p.asked, s.wish)
		p.configure()
	}
}

// configure sets the bucket to the lowest plan asked for.
func (p *portal) configure() {
	var plans []size
	for a := range p.asked {
		if a.rate > 0 {
			plans = append(plans, a)
		}
	}
	low := lowest(plans)
	switch {
	case p.bucket.fleet == nil:
		p.bucket.Configure(low.rate, low.burst)
	case len(plans) == 0:
		p.bucket.prefer(size{})
	default:
		p.bucket.prefer(low)
	}
}

// guardKey identifies a guard: a portal counts the operating time of a method per webhook and per
// application.
type guardKey struct {
	host, credential string
	limit            time.Duration
}

type heldGuard struct {
	guard *Guard
	held  int // number of clients
}

// SharedGuard is one client's hold on the operating times of a credential. It is safe for
// concurrent use.
type SharedGuard struct {
	*Guard

	key      guardKey
	released bool
}

// AcquireGuard returns the guard of a credential at a portal. It is the same for all clients with
// the same limit. It must be released.
func AcquireGuard(host, credential string, limit time.Duration) *SharedGuard {
	key := guardKey{hostKey(host), credential, limit}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	h, ok := shared.guards[key]
	if !ok {
		h = &heldGuard{guard: NewGuard(limit)}
		shared.guards[key] = h
	}
	h.held++
	return &SharedGuard{Guard: h.guard, key: key}
}

// Release gives up the hold. The operating times are forgotten with the last hold. Further calls do
// nothing.
func (s *SharedGuard) Release() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if s.released {
		return
	}
	s.released = true
	h := shared.guards[s.key]
	if h.held--; h.held == 0 {
		delete(shared.guards, s.key)
	}
}

func hostKey(host string) string {
	return strings.TrimSuffix(strings.TrimSuffix(hostname.ASCII(host), ":443"), ".")
}
