package limit

import (
	"math"
	"strings"
	"sync"
	"time"

	"github.com/b24go/b24/internal/hostname"
)

// shared holds the budgets of all portals that have a client in this process, and the operating
// times of their credentials.
//
//nolint:gochecknoglobals // the portal counts per source address, so the clients of a process must share
var shared = portals{byHost: make(map[string]*portal), guards: make(map[guardKey]*heldGuard)}

type portals struct {
	mu     sync.Mutex
	byHost map[string]*portal
	guards map[guardKey]*heldGuard
}

// portal is a budget and the plans its clients asked for.
type portal struct {
	bucket *Bucket
	asked  map[size]int // number of clients that asked for it
	held   int          // number of clients
}

// Shared is one client's hold on the budget of a portal. It is safe for concurrent use.
type Shared struct {
	*Bucket

	host     string
	wish     size
	released bool
}

// Acquire returns the budget of a portal. It is the same for all clients of host, with or without
// the port 443, in any letter case, in Cyrillic or Punycode. It must be released.
//
// If perSecond is 0, the client has no preference: the standard plan applies, or what others ask
// for. A plan is a fact about the portal; if clients differ, the lowest rate and the lowest burst
// apply while the clients that asked for them hold the budget.
func Acquire(host string, perSecond float64, burst int) *Shared {
	s := &Shared{host: hostKey(host)}
	wish := size{}
	if perSecond > 0 {
		wish = newPlan(perSecond, burst)
	}
	shared.mu.Lock()
	defer shared.mu.Unlock()
	p, ok := shared.byHost[s.host]
	if !ok {
		p = &portal{bucket: New(wish.rate, wish.burst), asked: make(map[size]int)}
		shared.byHost[s.host] = p
	}
	s.wish = wish
	p.held++
	if p.asked[wish]++; p.asked[wish] == 1 {
		p.configure()
	}
	s.Bucket = p.bucket
	return s
}

// Release gives up the hold. The budget is forgotten with the last hold. Waiting callers continue
// to wait. Further calls of Release do nothing.
func (s *Shared) Release() {
	shared.mu.Lock()
	defer shared.mu.Unlock()
	if s.released {
		return
	}
	s.released = true
	p := shared.byHost[s.host]
	if p.held--; p.held == 0 {
		delete(shared.byHost, s.host)
		return
	}
	if p.asked[s.wish]--; p.asked[s.wish] == 0 {
		delete(p.asked, s.wish)
		p.configure()
	}
}

// configure sets the bucket to the lowest plan asked for.
func (p *portal) configure() {
	low := size{rate: math.Inf(1), burst: math.MaxInt}
	some := false
	for a := range p.asked {
		if a.rate > 0 {
			low.rate, low.burst = min(low.rate, a.rate), min(low.burst, a.burst)
			some = true
		}
	}
	if !some {
		low = size{rate: StandardRate, burst: StandardBurst}
	}
	p.bucket.Configure(low.rate, low.burst)
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
