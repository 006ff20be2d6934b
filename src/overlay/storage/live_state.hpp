// What tells the states of a resource apart (storage.md, N).
#pragma once

#include "kinds/stored_data.hpp"
#include "phyllo/core/wire.hpp"
#include "phyllo/identity/digest.hpp"
#include "phyllo/overlay/overlay.hpp"

namespace phyllo::overlay {

// First 16 bytes of SHA-256 over each live value in order: kind (4) | length (2) | entry | storage_time (8) | hash (32).
class live_state {
 public:
  // Live: it exists, and at least a second of its lifetime is left.
  void add(kind_id kind, const stored_data& d, const version& v, std::uint32_t lifetime_left) {
    if (!d.value.exists || lifetime_left == 0) return;
    core::wire_writer w(text_);
    w.u32(kind);
    w.opaque(2, d.value.entry());
    w.u64(v.storage_time);
    w.raw(v.hash);
  }
  [[nodiscard]] state_digest digest() const {
    state_digest out{};
    const auto whole = identity::sha256(text_);
    std::copy_n(whole.begin(), out.size(), out.begin());
    return out;
  }

 private:
  core::bytes text_;
};

}  // namespace phyllo::overlay
