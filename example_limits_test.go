package b24_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"github.com/b24go/b24"
	"github.com/b24go/b24/b24test"
)

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
