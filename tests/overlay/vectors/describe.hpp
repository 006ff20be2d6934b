// What a structure says, as JSON: bytes, Node-IDs and 64-bit names in hex; numbers and times (Unix, in the unit of the wire) in decimal.
#pragma once

#include <nlohmann/json.hpp>

#include "pastry/topology_messages.hpp"
#include "reload/attach_message.hpp"
#include "reload/diagnostic_messages.hpp"
#include "reload/forwarding_header.hpp"
#include "reload/message.hpp"
#include "storage/fetch_message.hpp"
#include "storage/store_message.hpp"
#include "storage/sync_message.hpp"

namespace phyllo::testing {

using json = nlohmann::ordered_json;

[[nodiscard]] std::string hex(core::byte_view data);
[[nodiscard]] std::string hex(std::uint64_t word);  // 16 digits
[[nodiscard]] inline std::string hex(const identity::node_id& n) { return n.hex(); }

[[nodiscard]] json describe(const identity::node_id& n);
[[nodiscard]] json describe(const identity::signature& s);
[[nodiscard]] json describe(const overlay::destination& d);
[[nodiscard]] json describe(const overlay::forwarding_option& o);
[[nodiscard]] json describe(const overlay::forwarding_header& h);
[[nodiscard]] json describe(const transport::candidate& c);
[[nodiscard]] json describe(const overlay::signed_grant& g);
[[nodiscard]] json describe(const overlay::leaf_set_state& s);
[[nodiscard]] json describe(const overlay::table_row& r);
[[nodiscard]] json describe(const overlay::ice_candidate& c);
[[nodiscard]] json describe(const overlay::diagnostic& d);
[[nodiscard]] json describe(const overlay::diagnostics_request& d);
[[nodiscard]] json describe(const overlay::diagnostics_response& d);
[[nodiscard]] json describe(const overlay::stored_data& d);
[[nodiscard]] json describe(const overlay::store_kind_data& k);
[[nodiscard]] json describe(const overlay::fetch_kind_response& k);
[[nodiscard]] json describe(const overlay::store_kind_response& k);
[[nodiscard]] json describe(const overlay::stat_kind_response& k);
[[nodiscard]] json describe(const overlay::stored_metadata& m);
[[nodiscard]] json describe(const overlay::arc& a);
[[nodiscard]] json describe(const overlay::item_key& k);
[[nodiscard]] json describe(const overlay::sync_item& i);
[[nodiscard]] json describe(const overlay::sync_value& v);
[[nodiscard]] json describe(const overlay::item_digest& d);
[[nodiscard]] json describe(const overlay::extension& e);  // of one that is not ours: its bytes

template <class List>
[[nodiscard]] json each(const List& list) {
  auto out = json::array();
  for (const auto& one : list) out.push_back(describe(one));
  return out;
}

// Of the body of a message of this code.
[[nodiscard]] json describe_body(std::uint16_t code, core::byte_view body);

}  // namespace phyllo::testing
