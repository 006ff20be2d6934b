// The Kinds a node stores, with their limits and access policies (RFC 6940 s.7.4.5, s.11.1; record.md; reload.md).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kinds/domain_rule.hpp"
#include "kinds/stored_data.hpp"
#include "phyllo/identity/configuration.hpp"
#include "phyllo/overlay/resource_hash.hpp"

namespace phyllo::overlay {

// Who may write a value (RFC 6940 s.7.3; RFC 7374 s.5; record.md).
enum class write_policy : std::uint8_t { phyllo_owner, user_match, node_match, user_node_match, node_multiple, node_id_match };

struct kind {
  kind_id id = 0;
  data_model model = data_model::dictionary;
  write_policy policy = write_policy::phyllo_owner;
  std::size_t count_max = 0;                   // live values of one resource
  std::size_t size_max = 0;                    // bytes of one value
  std::size_t total_max = 0;                   // bytes of all values of one resource, so that one answer holds them
  std::uint32_t lifetime_max = 86400;          // seconds; also of a tombstone
  resource_hash hash = resource_hash::sha256;  // of the overlay: the same in all Kinds of it
  std::uint8_t iterations_max = 0;             // of NODE-MULTIPLE: "the maximum value for the i counter"
  const domain_rule* domains = nullptr;        // of SIP-REGISTRATION: whose AORs; null: anyone's
};

// Of a value that is held. So there is room for what is appended, and 0xffffffff is never a place.
inline constexpr std::uint32_t array_index_max = 0xffffff;

// RESOURCE: record.md. Access policy PHYLLO-OWNER.
inline constexpr kind resource_kind{.id = 0xF0000001,
                                    .model = data_model::dictionary,
                                    .policy = write_policy::phyllo_owner,
                                    .count_max = 32,
                                    .size_max = 4096,
                                    .total_max = 48 * 1024};

// Kinds with registered numbers (RFC 6940 s.14.6; RFC 7904 s.9.1; RFC 7374 s.8).
namespace kind_number {
inline constexpr kind_id sip_registration = 0x1;
inline constexpr kind_id turn_service = 0x2;
inline constexpr kind_id certificate_by_node = 0x3;
inline constexpr kind_id certificate_by_user = 0x10;
inline constexpr kind_id redir = 0x104;
}  // namespace kind_number

using kind_table = std::span<const kind>;
// What this implementation knows by itself: RESOURCE and the registered Kinds above.
[[nodiscard]] kind_table known_kinds() noexcept;
// The same with the limits and the private Kinds of a configuration document. A Kind whose data model or access policy
// is not known here is left out: whoever uses it is told Error_Unknown_Kind.
[[nodiscard]] std::vector<kind> kinds_of(const std::vector<identity::kind_definition>& required);
// With whose AORs the document of this overlay admits, and the hash of its plug-in; `rules` outlive the Kinds.
[[nodiscard]] std::vector<kind> kinds_of(const std::vector<identity::kind_definition>& required, std::string_view overlay_name,
                                         domain_rules& rules, resource_hash hash = resource_hash::sha256);
// Whether a node of ours could serve it: its data model and policy are known.
[[nodiscard]] bool can_serve(const identity::kind_definition& d);
[[nodiscard]] const kind* find_kind(kind_table kinds, kind_id id) noexcept;

}  // namespace phyllo::overlay
