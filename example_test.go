package b24_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
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
	// b24: option: user agent: it has characters no HTTP header can carry
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
