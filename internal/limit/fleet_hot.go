package limit

import (
	"maps"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const hotMost = 50 // methods of all credentials, bounds the value

// hotMethods are the methods near the limit of their operating time, by credential and method.
type hotMethods map[string]map[string]*hotMethod

// hotMethod is the operating time of a method, in the time of the store.
type hotMethod struct {
	Used  int64   `json:"used"` // milliseconds
	Reset instant `json:"reset,omitzero"`
	Until instant `json:"until,omitzero"` // end of a block by the portal
	Seen  instant `json:"seen"`

	Rest jsontext.Value `json:",embed"`
}

// hotReport is what a guard knows of a method, in the time of its process.
type hotReport struct {
	used         time.Duration
	reset, until time.Time // zero: not known, not blocked
}

// hotReports are reports by credential and method.
type hotReports map[string]map[string]hotReport

// set adds a report.
func (h *hotReports) set(credential, method string, r hotReport) {
	if *h == nil {
		*h = make(hotReports)
	}
	if (*h)[credential] == nil {
		(*h)[credential] = make(map[string]hotReport)
	}
	(*h)[credential][method] = r
}

// add adds what a member reports in its own time, and forgets what is over.
func (h *hotMethods) add(now, local time.Time, news hotReports) {
	n := h.sweep(now)
	for credential, methods := range news {
		for name, r := range methods {
			m := (*h)[credential][name]
			if m == nil {
				if n++; n > hotMost {
					continue
				}
				m = h.create(credential, name)
			}
			m.report(now, local, r)
		}
	}
}

// sweep forgets what is over, and returns the number of the others.
func (h *hotMethods) sweep(now time.Time) (n int) {
	for credential, methods := range *h {
		maps.DeleteFunc(methods, func(_ string, m *hotMethod) bool { return m.over(now) })
		if n += len(methods); len(methods) == 0 {
			delete(*h, credential)
		}
	}
	return n
}

func (h *hotMethods) create(credential, name string) *hotMethod {
	if *h == nil {
		*h = make(hotMethods)
	}
	if (*h)[credential] == nil {
		(*h)[credential] = make(map[string]*hotMethod)
	}
	m := &hotMethod{}
	(*h)[credential][name] = m
	return m
}

// report records a report, unless it is older than what is known.
func (m *hotMethod) report(now, local time.Time, r hotReport) {
	reset := now.Add(r.reset.Sub(local))
	newer := r.reset.After(local) && reset.After(m.Reset.Add(clockNoise))
	if used := r.used.Milliseconds(); newer || used >= m.Used {
		m.Used = used
	}
	if newer {
		m.Reset = instant{reset}
	}
	if r.until.After(local) {
		m.Until = instant{later(m.Until.Time, now.Add(r.until.Sub(local)))}
	}
	m.Seen = instant{now}
}

// in returns a method in the time of a process.
func (m *hotMethod) in(store, local time.Time) hotReport {
	r := hotReport{used: time.Duration(m.Used) * time.Millisecond}
	if m.Reset.After(store) {
		r.reset = local.Add(m.Reset.Sub(store))
	}
	if m.Until.After(store) {
		r.until = local.Add(m.Until.Sub(store))
	}
	return r
}

// over reports whether a method says nothing any more.
func (m *hotMethod) over(now time.Time) bool {
	if now.Sub(m.Seen.Time) > window {
		return true
	}
	return !m.Reset.IsZero() && now.After(m.Reset.Time) && now.After(m.Until.Time)
}

func (h *hotMethods) shift(d time.Duration) {
	for _, methods := range *h {
		for _, m := range methods {
			m.Reset.shift(d)
			m.Until.shift(d)
			m.Seen.shift(d)
		}
	}
}

// hotExchange passes the operating times of methods near their limit on, between the guards of this
// process and the store. It is safe for concurrent use.
type hotExchange struct {
	mu     sync.Mutex
	guards map[*Guard]heldOutlet
	out    hotReports
}

// heldOutlet is a guard at an exchange: its credential, and the number of its clients.
type heldOutlet struct {
	credential string
	held       int
}

// join adds a client of a guard. The caller holds the lock of all portals.
func (h *hotExchange) join(g *Guard, credential string) {
	if h.count(g, credential, 1) == 1 {
		g.addOutlet(h) // without the lock, which a guard takes within its own
	}
}

// part removes a client of a guard. The caller holds the lock of all portals.
func (h *hotExchange) part(g *Guard) {
	if h.count(g, "", -1) == 0 {
		g.removeOutlet(h)
	}
}

// count changes the number of clients of a guard and returns it.
func (h *hotExchange) count(g *Guard, credential string, n int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.guards == nil {
		h.guards = make(map[*Guard]heldOutlet)
	}
	o := h.guards[g]
	o.held += n
	if credential != "" {
		o.credential = credential
	}
	if h.guards[g] = o; o.held == 0 {
		delete(h.guards, g)
	}
	return o.held
}

// credential returns that of a guard.
func (h *hotExchange) credential(g *Guard) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.guards[g].credential
}

// report keeps what a guard learned until the next question.
func (h *hotExchange) report(g *Guard, method string, r hotReport) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o, ok := h.guards[g]; ok {
		h.out.set(o.credential, method, r)
	}
}

// news returns what was reported since the last question.
func (h *hotExchange) news() hotReports {
	h.mu.Lock()
	defer h.mu.Unlock()
	news := h.out
	h.out = nil
	return news
}

// retry keeps what a question could not deliver, unless there is something newer.
func (h *hotExchange) retry(news hotReports) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for credential, methods := range news {
		for name, r := range methods {
			if _, newer := h.out[credential][name]; !newer {
				h.out.set(credential, name, r)
			}
		}
	}
}

// heard tells the guards what the other processes know.
func (h *hotExchange) heard(g granted) {
	if g.state == nil || len(g.state.Hot) == 0 {
		return
	}
	local := time.Now()
	h.mu.Lock()
	guards := maps.Clone(h.guards)
	h.mu.Unlock()
	for guard, o := range guards {
		for name, m := range g.state.Hot[o.credential] {
			guard.hear(name, m.in(g.now, local))
		}
	}
}
