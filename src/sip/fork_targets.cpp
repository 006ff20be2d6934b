#include "fork_targets.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "dialog_authority.hpp"
#include "secure_ways.hpp"

namespace phyllo::sip {
namespace {

bool leads_there(const std::vector<fork_way>& ways, const destination& to) {
  return std::ranges::any_of(
      ways, [&](const fork_way& w) { return !w.to.node && !to.node && w.to.by == to.by && w.to.at == to.at && w.to.flow == to.flow; });
}

// RFC 5626 s.7: of an instance's flows "the most recently updated" first.
bool comes_before(const binding& a, const binding& b) {
  return std::tie(a.q_thousandths, a.stored_at_ms) > std::tie(b.q_thousandths, b.stored_at_ms);
}

fork_target& target_of(std::vector<fork_target>& targets, const binding& b) {
  const auto same = [&](const fork_target& t) { return !b.instance.empty() && t.instance == b.instance; };
  const auto known = std::ranges::find_if(targets, same);
  if (known != targets.end()) return *known;
  targets.emplace_back();
  targets.back().instance = b.instance;
  return targets.back();
}

}  // namespace

std::vector<fork_target> fork_targets::phones_of(const std::string& user, std::vector<binding> bindings, bool sips,
                                                 std::uint16_t q_max) const {
  std::ranges::sort(bindings, comes_before);
  std::vector<fork_target> out;
  for (const auto& b : bindings) {
    auto& t = target_of(out, b);
    const bool first = t.ways.empty();
    add_ways(t, b, user_hash(user), sips);
    if (first) t.q_thousandths = std::min(b.q_thousandths, q_max);
  }
  std::erase_if(out, [](const fork_target& t) { return t.ways.empty(); });
  return out;
}

void fork_targets::add_ways(fork_target& t, const binding& b, std::uint64_t user, bool sips) const {
  const auto flow = t.ways.empty() ? 0 : t.ways.back().flow + 1;
  std::vector<fork_way> ways;
  for (const auto& w : ways_to(b, own_address_)) {
    auto ready_way = ready(w, user);
    // Of a phone that hangs on this node, the flow may be the very address that its Contact names.
    if (!ready_way || leads_there(t.ways, ready_way->to) || leads_there(ways, ready_way->to)) continue;
    ready_way->flow = flow;
    ready_way->request_uri = retargeted(b.contact, sips);
    ready_way->secure = b.contact.secure();
    ways.push_back(std::move(*ready_way));
  }
  const bool deaf = !ways.empty() && ways.front().direct && memory_.deaf(ways.front().to.at, env_.now());
  if (deaf) std::ranges::rotate(ways, std::next(ways.begin()));
  std::ranges::move(ways, std::back_inserter(t.ways));
}

std::vector<fork_way> fork_targets::ways_of(const std::string& user, const std::vector<binding>& bindings) const {
  fork_target t;
  for (const auto& b : bindings) add_ways(t, b, user_hash(user), false);
  for (auto& w : t.ways) {
    w.request_uri.clear();
    w.flow = 0;
    w.callee.reset();
  }
  return std::move(t.ways);
}

bool fork_targets::dead(const identity::node_id& n) const {
  return n != self_ && (memory_.dead(n, env_.now()) || (has_failed_ && has_failed_(n)));
}

// A way through this node is the flow that its token names, if it is this user's.
std::optional<fork_way> fork_targets::ready(const way& w, std::uint64_t user) const {
  fork_way out;
  dialog_end end;
  end.user = user;
  if (w.direct) {
    out.direct = true;
    end.over.remote = *w.direct;
  } else if (w.node.id != self_) {
    if (dead(w.node.id)) return std::nullopt;
    end.node = w.node;
    end.over.by = protocol::tls;
    out.routes = w.routes;
  } else {
    const auto own = uri_within(w.routes.front());
    const auto path = own ? open_path_token(sealer_, own->user) : std::nullopt;
    if (!path || path->phone.user != user || !leads_to_phone(*path, env_.wall_now(), self_)) return std::nullopt;
    end = path->phone;
    out.routes.assign(std::next(w.routes.begin()), w.routes.end());
  }
  out.to = end.to();
  out.callee = end;
  return out;
}

std::optional<std::string> fork_targets::forwarded_to(const uri& contact, std::string_view domain) const {
  if (!own_.is_domain(contact.host)) return std::nullopt;
  auto user = own_.user_of(contact);
  if (!user || user->substr(user->rfind('@') + 1) != domain) return std::nullopt;
  return user;
}

}  // namespace phyllo::sip
