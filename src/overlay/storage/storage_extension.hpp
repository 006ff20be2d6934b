// The message extensions of replicated storage (storage.md; RFC 6940 s.6.3.3).
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "phyllo/core/result.hpp"
#include "phyllo/overlay/overlay.hpp"
#include "reload/message_codes.hpp"
#include "reload/surroundings.hpp"

namespace phyllo::overlay {

namespace extension_type {
inline constexpr std::uint16_t replica_view = 0xF001, read_quorum = 0xF002, store_condition = 0xF003, replica_state = 0xF004,
                               watch = 0xF005;
}

// F004, in answers and errors:
//  view (8) | holders (1) | length (2) | NodeId members ... | length (2) | NodeId unsynced ...
struct replica_state {
  std::uint64_t view = 0;
  std::uint8_t holders = 0;       // of a StoreAns of the root: nodes known to hold the value, root included
  std::vector<node_id> members;   // set(key) of the answerer, nearest first
  std::vector<node_id> unsynced;  // of these, in its knowledge (it may name itself)

  [[nodiscard]] extension encode() const;
  [[nodiscard]] static core::result<replica_state> decode(core::byte_view content);
  [[nodiscard]] static std::optional<replica_state> of(const message_contents& m);  // nothing: absent or malformed
  friend bool operator==(const replica_state&, const replica_state&) = default;
};

// F005, in a Fetch: answered when the state is another, or after the hold. In the FetchAns (empty): it is the same, and so
// there are no values. A peer that does not know it answers at once.
//  hold_ms (4) | seen (16)
struct watch_request {
  std::chrono::milliseconds hold{};
  state_digest seen{};
};

// What a request asks beyond the RFC.
struct request_options {
  std::optional<std::uint64_t> view;                  // F001
  bool quorum = false;                                // F002
  bool if_absent = false;                             // F003
  std::optional<watch_request> watch = std::nullopt;  // F005
};
[[nodiscard]] std::vector<extension> encode(const request_options& o);
// The RELOAD error to answer with: Error_Unknown_Extension for a critical one that is not ours, Error_Invalid_Message.
[[nodiscard]] std::expected<request_options, std::uint16_t> decode(const std::vector<extension>& extensions);
[[nodiscard]] bool has_extension(const message_contents& m, std::uint16_t type);

}  // namespace phyllo::overlay
