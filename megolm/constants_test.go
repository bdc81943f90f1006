package megolm_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/karst-im/karst/internal/protocol"
	"github.com/karst-im/karst/megolm"
)

// TestConstants: what godoc shows are numbers, which the engine has too.
func TestConstants(t *testing.T) {
	require.EqualValues(t, protocol.SessionKeyLen, megolm.SessionKeyLen)
	require.EqualValues(t, protocol.ExportLen, megolm.ExportedKeyLen)
	require.EqualValues(t, protocol.Unrelated, megolm.Unrelated)
	require.EqualValues(t, protocol.Equal, megolm.Equal)
	require.EqualValues(t, protocol.Better, megolm.Better)
	require.EqualValues(t, protocol.Worse, megolm.Worse)
}
