// What of a link's frames goes to the capture of [debug] overlay_pcap (host::tap_frames).
#pragma once

#include <memory>

#include "link/frame_receiver.hpp"
#include "link/link_registry.hpp"
#include "link/link_way.hpp"
#include "phyllo/core/bytes.hpp"

namespace phyllo::transport {

class link_capture {
 public:
  static constexpr core::duration memory = std::chrono::seconds(15);  // that of reassembly

  // `shared` has the tap, and outlives it.
  explicit link_capture(const link_registry& shared) : shared_(shared) {}

  void sent(const link_way& by, core::byte_view frame) {
    if (shared_.tap) note(by.local, by.remote, by.kind, frame, sent_);
  }
  void came(const link_way& by, core::byte_view frame) {
    if (shared_.tap) note(by.remote, by.local, by.kind, frame, came_);
  }

 private:
  using fragments = std::unique_ptr<frame_receiver>;  // that the capture has; null while there is none
  void note(const endpoint& from, const endpoint& to, link_kind kind, core::byte_view frame, fragments& seen);

  const link_registry& shared_;
  fragments sent_;
  fragments came_;
};

}  // namespace phyllo::transport
