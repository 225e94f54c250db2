package b24test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/b24go/b24/b24test/internal/php"
)

// Handler answers one method of a [Portal]. It runs in a goroutine of the server, concurrently with
// others; the context of the request, see [Request.Context], ends when the caller disconnects.
//
// The value becomes the `result` of the answer. A [Result] adds the fields next to it, and a [Raw]
// is the whole answer. A [*b24.Error] becomes the portal's error envelope with its Status (0: the
// one the portal uses with that code, otherwise 400); any other error becomes 400 ERROR_CORE, as an
// exception does in PHP. A panic is PHP's fatal error: status 500 and an HTML page.
type Handler = func(req Request) (any, error)

// Portal is a fake portal. Create one with [NewPortal] or [Start].
type Portal struct {
	cfg    config
	report func(...any) // reports mistakes in the test
	log    func(...any) // writes into the log of the test; nil: there is none
	origin string
	server *http.Server
	pipes  *pipes
	client *http.Client
	served sync.WaitGroup // accept loops and requests
	data   *database
	v3     *V3

	procedures map[string]procedure // never changed

	ringing   map[string]map[string]any // calls that were registered, by CALL_ID; under the lock of data
	relations map[string]*php.Array     // of smart processes, by the id of the type; under the lock of data

	mu       sync.Mutex
	closed   bool
	closing  chan struct{} // closed by Close
	handlers map[string]Handler
	faults   map[string][]Fault
	unheard  map[string]bool // methods that the portal does not have, of which the log has a line
	requests []*call

	onRequest func(Request)
	bucket    bucket
	baskets   map[basketKey]*basket
}

// NewPortal starts a portal that is closed when the test ends. An invalid option or a panicking
// handler fails the test.
//
// The log of the test gets a line for what a portal answers without an error, or without a hint,
// once for each name: for the first call of a method that the portal does not have, and in the
// methods of leads, deals, contacts, companies, quotes, activities and items for parameters and
// names of fields that do not exist or have no effect, with the name that was probably meant. The
// answer is the portal's.
//
// Inside a testing/synctest bubble no socket is opened: the portal is reachable only through
// [Portal.HTTPClient]. Create the portal in the bubble that uses it.
func NewPortal(tb testing.TB, opts ...Option) *Portal {
	tb.Helper()
	p, err := start(tb.Error, tb.Log, opts)
	if err != nil {
		tb.Fatalf("b24test: %v", err)
	}
	tb.Cleanup(p.Close)
	return p
}

// memoryOrigin returns an address that no other portal has, because clients of one host share its
// limits.
func memoryOrigin() string {
	return "http://" + strings.ToLower(rand.Text()[:8]) + ".b24test.localhost"
}

// Start starts a portal outside a test. The caller closes it with [Portal.Close]. The error joins
// all invalid options, or explains why no socket could be opened.
func Start(opts ...Option) (*Portal, error) {
	return start(func(...any) {}, nil, opts)
}

func start(report, log func(...any), opts []Option) (*Portal, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	p := &Portal{
		cfg:    cfg,
		report: report,
		log:    log,
		origin: memoryOrigin(),
		pipes:  newPipes(),
		data:   newDatabase(cfg, newRemarks(log)),

		procedures: procedures(),
		ringing:    map[string]map[string]any{},
		relations:  map[string]*php.Array{},
		handlers:   map[string]Handler{},
		faults:     map[string][]Fault{},
		closing:    make(chan struct{}),
		unheard:    map[string]bool{},
		bucket:     bucket{perSecond: cfg.perSecond, burst: cfg.burst, at: time.Now()},
		baskets:    map[basketKey]*basket{},
	}
	p.data.files.p = p
	p.v3 = newV3(p)
	p.client = p.pipes.client()
	p.server = &http.Server{Handler: p, ErrorLog: silent()} //nolint:gosec // no timeout: in a bubble an idle minute passes at once
	if err := p.listen(); err != nil {
		return nil, err
	}
	return p, nil
}

func (p *Portal) listen() error {
	p.serve(p.pipes)
	if p.cfg.memory || inBubble() {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen on loopback: %w", err)
	}
	p.origin = "http://" + l.Addr().String()
	p.serve(l)
	return nil
}

func (p *Portal) serve(l net.Listener) {
	p.served.Go(func() {
		_ = p.server.Serve(l) // returns http.ErrServerClosed
	})
}

// Close stops the portal: it drops every connection and waits until no handler runs. It may be
// called more than once.
func (p *Portal) Close() {
	p.mu.Lock()
	if !p.closed {
		close(p.closing)
	}
	p.closed = true
	p.mu.Unlock()
	_ = p.server.Close()
	_ = p.pipes.Close()
	p.client.CloseIdleConnections()
	p.served.Wait()
}

// WebhookURL returns the address of the portal's inbound webhook, with a trailing slash.
func (p *Portal) WebhookURL() string {
	return p.origin + p.cfg.prefix + "/rest/" + strconv.FormatInt(p.cfg.userID, 10) + "/" + p.cfg.secret + "/"
}

// V3 returns the REST 3.0 side of the portal, as [b24.Hook.V3] does for a client. Every call
// returns the same value.
func (p *Portal) V3() *V3 { return p.v3 }

// Secret returns the secret in [Portal.WebhookURL], which no log record and no error may contain.
func (p *Portal) Secret() string { return p.cfg.secret }

// HTTPClient returns a client whose connections reach this portal in memory, for any host, over
// http and https, so that a redirect to a new host arrives here too. It does not follow redirects.
// Every call returns the same client.
func (p *Portal) HTTPClient() *http.Client { return p.client }

// Handle makes h answer a method of the classic API, in place of the previous handler or the rows.
//
// As on a portal, a method is looked up in lower case first and then as given. Register names in
// lower case; a name with capitals matches only that exact spelling.
func (p *Portal) Handle(method string, h func(req Request) (any, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.handlers[method] = h
}

// Fault queues faults for the next calls of a method, one per call, in this order. "*" means any
// method; its queue comes after the method's own. The letter case of the method does not matter;
// both API versions share the queue.
//
// A command of a batch takes the faults of its method too, but not those of "*". A fault that
// refuses the command, or any JSON error envelope, becomes a row of result_error. Any other answer
// (an HTML page, a reset connection) ends the batch at that command and becomes the answer of the
// batch: earlier commands ran, later ones do not. A truncated body truncates the answer of the
// batch, and all its commands run. In a batch of REST 3.0 a refusal, too, is the answer of the
// whole batch.
func (p *Portal) Fault(method string, faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := queueOf(method)
	p.faults[key] = append(p.faults[key], faults...)
}

// Requests returns the requests received so far, in order, each batch followed by those of its
// commands that the portal reached; see [Request.InBatch]. Invalid commands are left out: a command
// that is not a text, a batch or a file inside a batch, and any after the 50th. Executed and
// Refused of a request are its current state.
func (p *Portal) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]Request, len(p.requests))
	for i, r := range p.requests {
		list[i] = r.Request
	}
	return list
}

// HTTPRequests returns those of [Portal.Requests] that came over HTTP: batches without their
// commands.
func (p *Portal) HTTPRequests() []Request {
	return slices.DeleteFunc(p.Requests(), func(r Request) bool { return r.InBatch })
}

// Calls returns the number of requests received for a method, including refused and broken ones,
// and the commands of batches. The letter case of the method does not matter.
func (p *Portal) Calls(method string) int {
	return p.count(method, func(*call) bool { return true })
}

// Executed returns the number of requests for a method that the portal carried out, whether
// answered or not, including the commands of batches. The letter case of the method does not
// matter.
func (p *Portal) Executed(method string) int {
	return p.count(method, func(r *call) bool { return r.Executed })
}

func (p *Portal) count(method string, match func(*call) bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, r := range p.requests {
		if strings.EqualFold(r.Method, method) && match(r) {
			n++
		}
	}
	return n
}
