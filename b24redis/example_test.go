package b24redis_test

import (
	"context"
	"fmt"
	"log"
	"strconv"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/b24go/b24/b24redis"
)

func Example() {
	server, err := miniredis.Run() // stands for your server
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	ctx := context.Background()

	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	defer func() { _ = rdb.Close() }()
	store, err := b24redis.New(ctx, rdb)
	if err != nil {
		log.Fatal(err)
	}

	// The library does this with budgets. Here it counts runs.
	for range 3 {
		err := store.Update(ctx, "runs", func(_ time.Time, old []byte) ([]byte, time.Duration, error) {
			n, _ := strconv.Atoi(string(old)) // 0 at first
			return strconv.AppendInt(nil, int64(n)+1, 10), time.Hour, nil
		})
		if err != nil {
			log.Fatal(err)
		}
	}
	value, _, err := store.Get(ctx, "runs")
	fmt.Println(string(value), err)

	// A server that may forget keeps no tokens: see WithTokens.
	err = store.Update(ctx, "token", func(time.Time, []byte) ([]byte, time.Duration, error) {
		return []byte("to be kept for good"), 0, nil
	})
	fmt.Println(err)
	// Output:
	// 3 <nil>
	// b24: the store may forget values: this one must be kept: use b24redis.WithTokens, or another store
}

func ExampleNew() {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
	defer func() { _ = rdb.Close() }()
	_, err := b24redis.New(context.Background(), rdb)
	fmt.Println(err)
	// Output: b24redis: the client ignores the deadlines of contexts: set ContextTimeoutEnabled in its options
}

func ExampleStore_Keys() {
	server, err := miniredis.Run() // stands for your server
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	ctx := context.Background()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), ContextTimeoutEnabled: true})
	defer func() { _ = rdb.Close() }()
	store, err := b24redis.New(ctx, rdb, b24redis.WithPrefix("staging:b24:"))
	if err != nil {
		log.Fatal(err)
	}
	for _, key := range []string{"token:1", "budget:example.com"} {
		err := store.Update(ctx, key, func(time.Time, []byte) ([]byte, time.Duration, error) { return []byte("v"), time.Hour, nil })
		if err != nil {
			log.Fatal(err)
		}
	}
	for key, err := range store.Keys(ctx, "token:") {
		fmt.Println(key, err)
	}
	// Output: token:1 <nil>
}
