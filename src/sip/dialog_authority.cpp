#include "dialog_authority.hpp"

namespace phyllo::sip {
namespace {

bool ended(std::uint32_t ends, core::wall_time now) { return core::unix_milliseconds(now) / 1000 >= ends; }

// By name the tags say which end a request claims to be of: the caller's tag was there from the beginning.
std::optional<side> claimed(const dialog_token& t, const message& m) {
  if (m.from().tag.empty() || m.to().tag.empty()) return std::nullopt;
  if (dialog_hash(m.call_id(), m.from().tag) == t.dialog) return side::caller;
  if (dialog_hash(m.call_id(), m.to().tag) == t.dialog) return side::callee;
  return std::nullopt;
}

bool heard_there(const dialog_end& e, const dialog_token& t, const source& from, const identity::node_id& self) {
  if (e.node || from.by != e.over.by) return false;
  // A connection is known by the node that has it, an address by every node.
  if (reliable(from.by)) return from.flow != flow_id::none && from.flow == e.over.id && t.made_by == node_hash(self);
  return from.remote.address == e.over.remote.address &&
         (from.remote.port == e.over.remote.port || (e.listens != 0 && from.remote.port == e.listens));
}

}  // namespace

bool speaks_for(const source& from, std::string_view domain) { return from.peer && from.peer->has_authority(domain); }

std::optional<side> side_of(const dialog_token& t, const message& request, const sender& who, core::wall_time now,
                            const identity::node_id& self) {
  const auto as = claimed(t, request);
  if (!as || ended(t.ends, now)) return std::nullopt;
  const auto& end = *as == side::caller ? t.caller : t.callee;
  if (speaks_for(who.from, t.domain)) return as;
  if (who.from.peer && end.node && end.node->id == who.from.peer->node()) return as;
  if (!who.from.peer && heard_there(end, t, who.from, self)) return as;
  if (!who.proven.empty() && end.user != 0 && user_hash(who.proven) == end.user) return as;
  return std::nullopt;
}

bool leads_to_phone(const path_token& t, core::wall_time now, const identity::node_id& self) {
  return !ended(t.ends, now) && t.made_by == node_hash(self) && !t.phone.node;
}

}  // namespace phyllo::sip
