#include "link/link_capture.hpp"

#include "link/fragmentation.hpp"

namespace phyllo::transport {

// A fragment that is sent again is left out: readers of the capture have put its message together by then, and take what comes late for a
// message of its own that lacks its beginning.
void link_capture::note(const endpoint& from, const endpoint& to, link_kind kind, core::byte_view frame, fragments& seen) {
  if (is_move(frame)) return;
  if (!seen) seen = std::make_unique<frame_receiver>(memory);
  const auto f = decode_frame(frame);
  if (f && f->data && is_fragment(f->message) && !seen->fresh(f->message, shared_.env.now())) return;
  shared_.tap(from, to, kind, frame);
}

}  // namespace phyllo::transport
