package olm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/internal/ratchet"
	"github.com/karst-im/karst/olm"
)

// TestConstants: what godoc shows are numbers, which the engine has too.
func TestConstants(t *testing.T) {
	require.EqualValues(t, protocol.TypePreKey, olm.PreKey)
	require.EqualValues(t, protocol.TypeNormal, olm.Normal)
	require.EqualValues(t, protocol.MaxOneTimeKeys, olm.MaxOneTimeKeys)
	require.EqualValues(t, ratchet.MaxReceivingChains, olm.MaxReceivingChains)
	require.EqualValues(t, ratchet.MaxSkippedPerChain, olm.MaxSkippedPerChain)
	require.EqualValues(t, ratchet.MaxGap, olm.MaxGap)
}
