// What tokens say (sip.md, "Tokens"): the two ends of a dialog, or the way to a registered phone. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "flow.hpp"
#include "phyllo/core/time.hpp"
#include "sealed_token.hpp"
#include "shedding.hpp"

namespace phyllo::sip {

// A supernode, spoken to by phyllo-sip.
struct node_way {
  identity::node_id id;
  transport::endpoint at;
  bool authority = false;  // for the domain of the token, or of the record
  friend bool operator==(const node_way&, const node_way&) = default;
};

// An address-of-record in short: the first 8 octets of SHA-256. 0: none.
[[nodiscard]] std::uint64_t user_hash(std::string_view address_of_record);
// A dialog in short, by its Call-ID and the tag of whoever began it.
[[nodiscard]] std::uint64_t dialog_hash(std::string_view call_id, std::string_view callers_tag);

// One end as the node that made the token knew it.
struct dialog_end {
  std::optional<node_way> node;  // it hangs on that supernode; else:
  flow over;                     // its connection at the token's node, or the address that it sends from
  std::uint16_t listens = 0;     // UDP: the port of that address that it is sent to; 0: the one it sends from
  bool beyond = false;           // others' proxies stand between, so the Route may go on
  std::uint64_t user = 0;        // user_hash of who can prove to be this end by credentials; 0: nobody

  // Where requests for it go.
  [[nodiscard]] destination to() const;
  friend bool operator==(const dialog_end&, const dialog_end&) = default;
};

struct dialog_token {
  std::uint32_t ends = 0;  // Unix seconds
  std::uint64_t dialog = 0;
  std::uint64_t made_by = 0;  // node_hash of the node whose connections it names
  dialog_end caller;
  dialog_end callee;
  std::string domain;  // whose key sealed it
  friend bool operator==(const dialog_token&, const dialog_token&) = default;
};

struct path_token {
  std::uint32_t ends = 0;
  std::uint64_t made_by = 0;
  dialog_end phone;
  std::string domain;
};

[[nodiscard]] std::uint64_t node_hash(const identity::node_id& id) noexcept;

// What a dialog's token begins with: the kernel's filter, under overload, then lets pass what bears it.
inline constexpr std::string_view dialog_mark = "Authorization-";
static_assert(dialog_mark.starts_with(going_on));

// "": not a domain of this node.
[[nodiscard]] std::string seal(const token_sealer& s, const dialog_token& t);
[[nodiscard]] std::string seal(const token_sealer& s, const path_token& t);
// Nullopt: none of ours. They may have ended.
[[nodiscard]] std::optional<dialog_token> open_dialog_token(const token_sealer& s, std::string_view text);
[[nodiscard]] std::optional<path_token> open_path_token(const token_sealer& s, std::string_view text);

}  // namespace phyllo::sip
