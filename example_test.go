package b24_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

// inMemory starts a fake portal without a socket and makes a client for it. It
// is the same in a test: b24test.NewPortal(t) instead of Start.
func inMemory(opts ...b24.Option) (*b24test.Portal, *b24.Hook) {
	portal, err := b24test.Start(b24test.WithMemory())
	if err != nil {
		panic(err)
	}
	hook, err := b24.FromWebhookURL(portal.WebhookURL(), append(opts, b24.WithHTTPClient(portal.HTTPClient()))...)
	if err != nil {
		panic(err)
	}
	return portal, hook
}

// Deal has the fields a program needs. The portal sends them all as text.
type Deal struct {
	ID     b24.ID    `json:"ID"`
	Title  string    `json:"TITLE"`
	Amount b24.Float `json:"OPPORTUNITY"`
	Opened b24.Bool  `json:"OPENED"`
	Closes b24.Date  `json:"CLOSEDATE"`
}

// newDeal creates a deal and reads it back.
func newDeal(ctx context.Context, hook b24.Client) (Deal, error) {
	id, err := b24.Call[b24.ID](ctx, hook, "crm.deal.add", b24.Params{
		"fields": b24.Params{
			"TITLE":       "Order 17",
			"OPPORTUNITY": 1500.50,
			"CURRENCY_ID": "EUR",
			"OPENED":      b24.Bool(true),
			"CLOSEDATE":   b24.Date{Year: 2030, Month: time.December, Day: 31},
		},
	})
	if err != nil {
		return Deal{}, err
	}
	return b24.Call[Deal](ctx, hook, "crm.deal.get", b24.Params{"id": id})
}

// firstDeal makes a client and uses it. A program makes it once and keeps it.
func firstDeal(ctx context.Context, webhookURL string) (Deal, error) {
	hook, err := b24.FromWebhookURL(webhookURL)
	if err != nil {
		return Deal{}, err // it says what is wrong and never repeats the address
	}
	defer hook.Close()

	return newDeal(ctx, hook)
}

// Create a deal and read it back. A program takes the address of its webhook
// from its settings; here a fake portal on loopback stands behind it.
func Example() {
	portal, err := b24test.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer portal.Close()

	deal, err := firstDeal(context.Background(), portal.WebhookURL())
	fmt.Println(deal.ID, deal.Title, deal.Amount, deal.Opened, deal.Closes, err)
	// Output:
	// 1 Order 17 1500.5 true 2030-12-31 <nil>
}

func ExampleFromWebhookURL() {
	hook, err := b24.FromWebhookURL("https://your_domain.bitrix24.com/rest/1/abcdef0123456789/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer hook.Close()
	fmt.Println(hook)
	// Output:
	// b24.Hook(https://your_domain.bitrix24.com)
}

// What is wrong with an address is told without repeating the address.
func ExampleFromWebhookURL_errors() {
	for _, address := range []string{
		"",
		"http://your_domain.bitrix24.com/rest/1/abcdef0123456789/",
		"https://your_domain.bitrix24.com/rest/abcdef0123456789/",
	} {
		_, err := b24.FromWebhookURL(address)
		if bad, ok := errors.AsType[*b24.WebhookURLError](err); ok {
			fmt.Println(errors.Is(err, b24.ErrInvalidWebhookURL), bad.Problem)
		}
	}
	// Output:
	// true it is empty
	// true it is not https
	// true its path is not /rest/<user id>/<secret>/
}

func ExampleNewHook() {
	hook, err := b24.NewHook(b24.HookParams{
		URL:    "your_domain.bitrix24.com",
		UserID: 1,
		Secret: b24.NewSecret("abcdef0123456789"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer hook.Close()
	fmt.Println(hook.TargetOrigin())
	// Output:
	// https://your_domain.bitrix24.com
}

// All bad options are reported at once.
func ExampleOption() {
	_, err := b24.NewHook(
		b24.HookParams{URL: "your_domain.bitrix24.com", UserID: 1, Secret: b24.NewSecret("abcdef0123456789")},
		b24.WithTimeout(-time.Second),
		b24.WithMaxResponseBytes(0),
		b24.WithUserAgent("line\nbreak"),
		b24.WithHTTPClient(nil),
	)
	fmt.Println(err)
	// Output:
	// b24: option: timeout: -1s is negative
	// b24: option: max response bytes: 0 is not positive
	// b24: option: user agent: it contains characters that are not allowed in an HTTP header
	// b24: option: HTTP client: it is nil
}

func ExampleWithTimeout() {
	portal, hook := inMemory(b24.WithTimeout(10 * time.Millisecond))
	defer portal.Close()
	portal.Fault("profile", b24test.Delay(time.Minute))

	_, err := hook.CallMethod(context.Background(), "profile", nil, b24.WithoutRetry())
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output:
	// true
}

func ExampleWithMaxResponseBytes() {
	portal, hook := inMemory(b24.WithMaxResponseBytes(1 << 10))
	defer portal.Close()
	portal.Handle("disk.file.get", func(b24test.Request) (any, error) { return strings.Repeat("x", 1<<11), nil })

	_, err := hook.CallMethod(context.Background(), "disk.file.get", b24.Params{"id": 7})
	fmt.Println(errors.Is(err, b24.ErrResponseTooLarge))
	// Output:
	// true
}

func ExampleWithUserAgent() {
	portal, hook := inMemory(b24.WithUserAgent("acme-sync/2.1"))
	defer portal.Close()

	_, _ = hook.CallMethod(context.Background(), "profile", nil)
	own, rest, _ := strings.Cut(portal.Requests()[0].Header.Get("User-Agent"), " ")
	fmt.Println(own, strings.HasPrefix(rest, "b24-go/"+b24.Version))
	// Output:
	// acme-sync/2.1 true
}

// An HTTP client with a proxy, a certificate or a tracing transport of its own.
func ExampleWithHTTPClient() {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxConnsPerHost = 4
	hook, err := b24.FromWebhookURL("https://your_domain.bitrix24.com/rest/1/abcdef0123456789/",
		b24.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer hook.Close()
	fmt.Println(hook.HTTPClient().Transport == transport)
	// Output:
	// true
}

// Plain http is for loopback. A test portal on a trusted network needs a word.
func ExampleWithInsecureHTTP() {
	const address = "http://portal.test:8080/rest/1/abcdef0123456789/"
	_, err := b24.FromWebhookURL(address)
	fmt.Println(err != nil)

	hook, err := b24.FromWebhookURL(address, b24.WithInsecureHTTP())
	fmt.Println(hook, err)
	// Output:
	// true
	// b24.Hook(http://portal.test:8080) <nil>
}

func ExampleHook_TargetOrigin() {
	hook, err := b24.FromWebhookURL("https://Your_Domain.bitrix24.com:443/rest/1/abcdef0123456789/")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hook.TargetOrigin())
	// Output:
	// https://your_domain.bitrix24.com
}

// The address with the path is the webhook itself: keep it out of logs.
func ExampleHook_TargetOriginWithPath() {
	hook, err := b24.FromWebhookURL("https://your_domain.bitrix24.com/rest/1/abcdef0123456789/")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hook.TargetOriginWithPath())
	// Output:
	// https://your_domain.bitrix24.com/rest/1/abcdef0123456789
}

func ExampleHook_Auth() {
	hook, err := b24.FromWebhookURL("https://your_domain.bitrix24.com/rest/1/abcdef0123456789/")
	if err != nil {
		fmt.Println(err)
		return
	}
	auth := hook.Auth()
	data, ok := auth.AuthData()
	admin, err := auth.IsAdmin(context.Background())
	fmt.Println(ok, data.Domain, data.AccessToken, admin, err)
	fmt.Println(auth.Uniq("deals"))
	// Output:
	// true your_domain.bitrix24.com *** true <nil>
	// deals_your_domain.bitrix24.com
}

// A Secret shows itself only to who asks for it.
func ExampleSecret() {
	secret := b24.NewSecret("abcdef0123456789")
	fmt.Println(secret, secret.IsZero())
	fmt.Printf("%q %#v\n", secret, secret)
	fmt.Println(secret.Reveal())
	fmt.Println(secret.Equal(b24.NewSecret("another")))
	// Output:
	// *** false
	// *** ***
	// abcdef0123456789
	// false
}

func ExampleHook_Close() {
	portal, hook := inMemory()
	defer portal.Close()

	fmt.Println(hook.IsInit(), hook.Close(), hook.IsInit())
	_, err := hook.CallMethod(context.Background(), "profile", nil)
	fmt.Println(errors.Is(err, b24.ErrClosed), b24.MayHaveExecuted(err))
	// Output:
	// true <nil> false
	// true false
}

// All rows of a list, however many, decoded one by one.
func Example_list() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"OPPORTUNITY": "10.00", "STAGE_ID": "WON"} })
	ctx := context.Background()

	total := 0.0
	for deal, err := range b24.List[Deal](ctx, hook, "crm.deal.list", b24.Params{
		"filter": b24.Params{"STAGE_ID": "WON"},
		"select": []string{"ID", "OPPORTUNITY"},
	}) {
		if err != nil {
			fmt.Println(err) // the rows so far are certain, further ones are missing
			return
		}
		total += float64(deal.Amount)
	}
	fmt.Println(total)
	// Output: 1200
}

// export hands all deals to store, page by page, from a place in the list on. Store the
// rows and the place after them together, and start there next time.
func export(ctx context.Context, c b24.Client, from b24.Cursor, store func(rows []json.RawMessage, place b24.Cursor) error) error {
	params := b24.Params{"select": []string{"ID", "TITLE", "STAGE_ID"}}
	for page, err := range b24.Pages(ctx, c, "crm.deal.list", params, b24.WithResume(from)) {
		if err != nil {
			return err
		}
		if err := store(page.Rows, page.Cursor); err != nil {
			return err
		}
	}
	return nil
}

// A reading that can be taken up again where it ended.
func ExampleWithResume() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
	portal.Fault("batch", b24test.Pass(), b24test.Status(403, `{"error":"ACCESS_DENIED","error_description":"no"}`))
	ctx := context.Background()
	rows, place := 0, b24.Cursor("")
	store := func(page []json.RawMessage, next b24.Cursor) error {
		rows, place = rows+len(page), next
		return nil
	}

	err := export(ctx, hook, "", store)
	fmt.Println(rows, errors.Is(err, b24.ErrAccessDenied))
	err = export(ctx, hook, place, store)
	fmt.Println(rows, err)
	// Output:
	// 50 true
	// 120 <nil>
}

// Typed commands in one request; later ones use what earlier ones created.
func ExampleQueue() {
	portal, hook := inMemory()
	defer portal.Close()
	ctx := context.Background()

	var batch b24.Batch
	company := b24.Queue[b24.ID](&batch, "crm.company.add", b24.Params{"fields": b24.Params{"TITLE": "Acme"}})
	b24.Queue[b24.ID](&batch, "crm.deal.add", b24.Params{"fields": b24.Params{"TITLE": "First", "COMPANY_ID": company.Ref()}})
	title := b24.Queue[string](&batch, "crm.company.get", b24.Params{"id": company.Ref()}, "TITLE")
	if _, err := hook.CallBatch(ctx, &batch); err != nil {
		fmt.Println(err) // which command failed, and which did not run
		return
	}
	name, err := title.Get()

	fmt.Println(name, err, len(portal.HTTPRequests()), "request")
	// Output: Acme <nil> 1 request
}

// winAll sets the stage of deals, and returns those of which it is not certain
// that it was set: look at them before you repeat anything.
func winAll(ctx context.Context, c b24.Client, deals []int) (uncertain []int, err error) {
	win := func(id int) b24.Command {
		return b24.Command{Method: "crm.deal.update", Params: b24.Params{"id": id, "fields": b24.Params{"STAGE_ID": "WON"}}}
	}
	done := 0
	for id, reply := range b24.Each[b24.Bool](ctx, c, slices.Values(deals), win) {
		done++
		switch {
		case reply.Err == nil:
		case b24.MayHaveExecuted(reply.Err):
			uncertain = append(uncertain, id)
		default:
			fmt.Println("deal", id, "was not changed:", errors.Is(reply.Err, b24.ErrNotFound))
		}
	}
	if done < len(deals) {
		err = fmt.Errorf("%d deals were not sent", len(deals)-done)
	}
	return uncertain, errors.Join(err, ctx.Err())
}

// Any number of writes, with the truth about each.
func ExampleEach_writes() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.SeedN("crm.deal", 120, func(int) b24.Params { return b24.Params{"STAGE_ID": "NEW"} })
	deals := make([]int, 121)
	for i := range deals {
		deals[i] = i + 1
	}

	uncertain, err := winAll(context.Background(), hook, deals)
	fmt.Println(len(uncertain), "uncertain,", portal.Calls("batch"), "requests,", err)
	// Output:
	// deal 121 was not changed: true
	// 0 uncertain, 3 requests, <nil>
}

// A portal of the Enterprise plan takes more requests than others.
func ExampleWithPlan() {
	webhookURL := os.Getenv("B24_WEBHOOK_URL")
	if webhookURL == "" {
		webhookURL = "https://your_domain.bitrix24.com/rest/1/abcdef0123456789/"
	}
	hook, err := b24.FromWebhookURL(webhookURL, b24.WithPlan(b24.PlanEnterprise))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(hook.IsInit())
	// Output: true
}

// Calls wait their turn. One that cannot be sent before its deadline fails at
// once, and nothing was sent.
func ExampleWithRateLimit() {
	portal, hook := inMemory(b24.WithRateLimit(1, 3))
	defer portal.Close()
	portal.Handle("server.time", func(b24test.Request) (any, error) { return "now", nil })

	var calls sync.WaitGroup
	for range 3 {
		calls.Go(func() { _, _ = hook.CallMethod(context.Background(), "server.time", nil) })
	}
	calls.Wait()

	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err := hook.CallMethod(ctx, "server.time", nil)
	fmt.Println(errors.Is(err, context.DeadlineExceeded), b24.OutcomeOf(err))
	fmt.Println(portal.Calls("server.time"), "requests")
	// Output:
	// true not sent
	// 3 requests
}

// store is what all processes see. Each method is one atomic step: a script of
// Redis, a transaction of a database. Here it is memory.
type store struct {
	mu          sync.Mutex
	empty, rest time.Time // when the portal's bucket has run dry; until when it wants rest
}

// take books one request and returns 0, or returns how long to wait before asking again.
func (s *store) take(now time.Time) time.Duration {
	const each, burst = time.Second / 2, 50 // the standard plan: 2 a second, 50 at once
	s.mu.Lock()
	defer s.mu.Unlock()
	next := now
	if s.empty.After(now) {
		next = s.empty
	}
	next = next.Add(each)
	wait := max(next.Sub(now)-burst*each, s.rest.Sub(now))
	if wait > 0 {
		return wait
	}
	s.empty = next
	return 0
}

// pause lets no request out until then.
func (s *store) pause(until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until.After(s.rest) {
		s.rest = until
	}
}

// budget is a request budget that several processes share.
type budget struct{ store *store }

func (b budget) Wait(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait := b.store.take(time.Now())
		if wait <= 0 {
			return nil
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return context.DeadlineExceeded // at once: the wait would outlive it
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

func (b budget) Refused(retryAfter time.Duration) {
	b.store.pause(time.Now().Add(max(retryAfter, time.Second)))
}

func (b budget) Accepted() {}

// The budget does what a client relies on.
func TestBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b24test.CheckLimiter(t, func() b24.Limiter { return budget{&store{}} })
	})
}

// Clients of several processes share one budget through what they all can reach.
func ExampleWithLimiter() {
	shared := &store{}
	portal, one := inMemory(b24.WithLimiter(budget{shared}))
	defer portal.Close()
	two, err := b24.FromWebhookURL(portal.WebhookURL(), b24.WithHTTPClient(portal.HTTPClient()), b24.WithLimiter(budget{shared}))
	if err != nil {
		fmt.Println(err)
		return
	}
	portal.Handle("server.time", func(b24test.Request) (any, error) { return "now", nil })

	var calls sync.WaitGroup
	for i := range 50 {
		client := []*b24.Hook{one, two}[i%2]
		calls.Go(func() { _, _ = client.CallMethod(context.Background(), "server.time", nil) })
	}
	calls.Wait()

	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err = two.CallMethod(ctx, "server.time", nil)
	fmt.Println(b24.OutcomeOf(err), portal.Calls("server.time"))
	// Output:
	// not sent 50
}

func ExampleFirst() {
	portal, hook := inMemory()
	defer portal.Close()
	portal.Seed("crm.deal", b24.Params{"ID": 7, "TITLE": "Order 17", "OPPORTUNITY": "10.00"})
	ctx := context.Background()
	titled := func(title string) b24.Params { return b24.Params{"filter": b24.Params{"TITLE": title}} }

	deal, err := b24.First(b24.List[Deal](ctx, hook, "crm.deal.list", titled("Order 17")))
	fmt.Println(deal.ID, deal.Title, err)
	_, err = b24.First(b24.List[Deal](ctx, hook, "crm.deal.list", titled("Order 18")))
	fmt.Println(errors.Is(err, b24.ErrNoRow))
	// Output:
	// 7 Order 17 <nil>
	// true
}
