// The message extensions of replicated storage (storage.md; RFC 6940 s.6.3.3), and RELOAD's ErrorResponse.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store_message.hpp"
#include "surroundings.hpp"

namespace phyllo::overlay {

namespace extension_type {
inline constexpr std::uint16_t replica_view = 0xF001, read_quorum = 0xF002, store_condition = 0xF003, replica_state = 0xF004;
}

// F004, in answers and errors:
//  view (8) | holders (1) | length (2) | NodeId members ... | length (2) | NodeId unsynced ...
struct replica_state {
  std::uint64_t view = 0;
  std::uint8_t holders = 0;        // of a StoreAns of the root: nodes known to hold the value, root included
  std::vector<node_id> members;    // set(key) of the answerer, nearest first
  std::vector<node_id> unsynced;   // of these, in its knowledge (it may name itself)

  [[nodiscard]] extension encode() const;
  [[nodiscard]] static std::optional<replica_state> decode(core::byte_view content);
  [[nodiscard]] static std::optional<replica_state> of(const message_contents& m);  // nothing: absent or malformed
  friend bool operator==(const replica_state&, const replica_state&) = default;
};

// What a request asks beyond the RFC.
struct request_options {
  std::optional<std::uint64_t> view;  // F001
  bool quorum = false;                // F002
  bool if_absent = false;             // F003
};
[[nodiscard]] std::vector<extension> encode(const request_options& o);
// The RELOAD error to answer with: Error_Unknown_Extension for a critical one that is not ours, Error_Invalid_Message.
[[nodiscard]] std::expected<request_options, std::uint16_t> decode(const std::vector<extension>& extensions);

// RFC 6940 s.14.9.
namespace reload_error {
inline constexpr std::uint16_t forbidden = 0x2, not_found = 0x3, request_timeout = 0x4, generation_counter_too_low = 0x5,
                               data_too_large = 0x8, data_too_old = 0x9, unknown_kind = 0xC, unknown_extension = 0xD,
                               response_too_large = 0xE, config_too_old = 0xF, config_too_new = 0x10, invalid_message = 0x14;
}

//  error_code (2) | length (2) | error_info
struct error_response {
  std::uint16_t code = 0;
  core::bytes info;

  [[nodiscard]] static std::optional<error_response> of(const message_contents& m);  // nothing: no error
};
[[nodiscard]] message_contents make_error(std::uint16_t code, core::byte_view info);
[[nodiscard]] message_contents make_error(std::uint16_t code, std::string_view info);
// As the API names it, for a person.
[[nodiscard]] core::error to_error(const error_response& e);

}  // namespace phyllo::overlay
