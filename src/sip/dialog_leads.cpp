#include "dialog_leads.hpp"

#include <utility>

#include "message_edit.hpp"
#include "message_fields.hpp"

namespace phyllo::sip {
namespace {

constexpr std::size_t tokens_max = 4;  // of one dialog, for this node one after another: two, and two more after another node's end

}  // namespace

void serve_strict_router(message& m) {
  const auto first = first_route(m);
  if (!first || first->uri.parameter("lr")) return;
  append_route(m, "<" + m.request_uri().text() + ">");
  const auto next = first->uri.text();
  pop_routes(m, 1);
  (void)set_request_uri(m, next);
}

// The token of the same dialog that stands next in the Route, if this node can open it.
std::optional<dialog_token> dialog_leads::next_token(const message& m, const dialog_token& of) const {
  const auto first = first_route(m);
  auto next = first ? open_dialog_token(sealer_, first->uri.user) : std::nullopt;
  if (!next || next->dialog != of.dialog) return std::nullopt;
  return next;
}

dialog_leads::lead dialog_leads::onward(message& m, const dialog_token& t, side from) const {
  auto end = other_end(t, from);
  auto made_by = t.made_by;
  for (std::size_t turns = 0; end.node && end.node->id == self_; ++turns) {  // each turn takes a Route
    const auto next = turns < tokens_max ? next_token(m, t) : std::nullopt;
    if (!next) return {};
    pop_routes(m, 1);
    end = other_end(*next, from);
    made_by = next->made_by;
  }
  if (end.node || end.beyond) return {end};
  if (first_route(m)) return {};
  const bool ours = made_by == node_hash(self_);
  if (!ours && reliable(end.over.by)) return {};
  return {std::move(end), ours};
}

std::optional<fork_way> dialog_leads::past_node(const message& m, const dialog_token& t, side from) const {
  const auto next = next_token(m, t);
  if (!next) return std::nullopt;
  const auto& after = other_end(*next, from);
  if (after.node || after.beyond || reliable(after.over.by)) return std::nullopt;
  auto way = way_to(after);
  way.left_out = 1;
  return way;
}

bool dialog_leads::lead_by(fork_way& w, const dialog_token& t, side from) const {
  if (w.routes.empty()) return true;
  auto first = uri_within(w.routes.front());
  const auto path = first ? open_path_token(sealer_, first->user) : std::nullopt;
  if (!path || path->phone.beyond || w.routes.size() != 1) return false;
  auto now = t;
  (from == side::caller ? now.callee : now.caller) = path->phone;
  now.made_by = path->made_by;
  now.domain = path->domain;
  first->user = seal(sealer_, now);
  first->remove_parameter("direct");
  first->remove_parameter("sha256");
  w.routes.front() = "<" + first->text() + ">";
  return true;
}

}  // namespace phyllo::sip
