package door_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/b24go/b24/internal/door"
)

func TestAddressesOfThePublicInternet(t *testing.T) {
	t.Parallel()
	for text, public := range map[string]bool{
		"8.8.8.8": true, "2001:4860:4860::8888": true, "100.63.0.1": true, "100.128.0.1": true, "172.15.0.1": true, "172.32.0.1": true,
		"::ffff:8.8.8.8": true, "64:ff9b::808:808": true, "2002:808:808::1": true,
		"10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "127.0.0.1": false, "127.9.9.9": false, "169.254.169.254": false, "0.0.0.0": false, "0.1.2.3": false,
		"100.64.0.1": false, "198.18.0.1": false, "192.0.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "fec0::1": false,
		"::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "64:ff9b:1::808:808": false, "2002:a00:1::1": false, "::7f00:1": false, "2001:db8::1": false, "100::1": false,
	} {
		assert.Equal(t, public, door.Public(netip.MustParseAddr(text)), text)
	}
	assert.False(t, door.Public(netip.Addr{}))
	assert.False(t, door.PublicConn(nil))
	assert.False(t, door.PublicConn(&net.UnixAddr{Name: "/run/x"}))
	assert.True(t, door.PublicConn(&net.TCPAddr{IP: net.IPv4(8, 8, 8, 8), Port: 443}))
}

func TestWatchCountsTheTimeOfTheNetworkOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, w := door.NewWatch(t.Context(), time.Minute)
		defer w.End()
		for range 3 {
			w.Begin()
			time.Sleep(59 * time.Second)
			w.Rest()
			time.Sleep(time.Hour)
		}
		assert.NoError(t, ctx.Err())
		w.Begin()
		time.Sleep(61 * time.Second)
		var stalled *door.Stalled
		assert.ErrorAs(t, context.Cause(ctx), &stalled)
		assert.ErrorIs(t, context.Cause(ctx), context.DeadlineExceeded)
		assert.NotErrorIs(t, context.Cause(ctx), context.Canceled)

		ctx, free := door.NewWatch(t.Context(), 0)
		free.Begin()
		time.Sleep(24 * time.Hour)
		assert.NoError(t, ctx.Err())
		free.End()
		assert.Error(t, ctx.Err())
	})
}

func TestZeroKeyDoesNotFit(t *testing.T) {
	t.Parallel()
	var key door.Key
	assert.False(t, key.Fits())
	assert.True(t, door.NewKey().Fits())
}
