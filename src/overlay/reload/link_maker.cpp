#include "reload/link_maker.hpp"

#include <algorithm>

#include "reload/await_answer.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;
constexpr core::duration direct_timeout = 1500ms;  // then by those who know it
// A link that has just brought something is no stale one: no second link is dialled beside it.
constexpr core::duration fresh_for = 1s;

}  // namespace

link_maker::link_maker(core::environment& env, const node_id& self, const identity::trust& trust, transport::link_layer& layer,
                       link_table& links, messenger& messages, core::metrics& metrics, link_maker_observer& up)
    : env_(env),
      self_(self),
      trust_(trust),
      layer_(layer),
      links_(links),
      messenger_(messages),
      metrics_(metrics),
      up_(up),
      attempts_(self),
      attached_(core::random_hash_key(env), metrics.evictions("attach_times")),
      scope_(env) {}

core::awaitable<void> link_maker::stop() {
  stopped_ = true;
  layer_.accept(nullptr);
  const auto waiters = waiters_;
  for (const auto& [whom, timer] : waiters) timer->cancel();
  scope_.cancel();
  co_await scope_.join();
}

core::awaitable<bool> link_maker::wait(node_id n, core::time_point deadline) {
  const auto signal = env_.make_timer();
  struct registration {
    std::vector<std::pair<node_id, core::timer*>>& list;
    core::timer* timer;
    ~registration() {
      std::erase_if(list, [this](const auto& w) { return w.second == timer; });
    }
  };
  waiters_.emplace_back(n, signal.get());
  const registration r{waiters_, signal.get()};
  while (links_.to(n) == nullptr && env_.now() < deadline && !stopped_) {  // ends with a link, in time, or stopped
    signal->set(deadline);
    co_await signal->wait();
  }
  co_return links_.to(n) != nullptr;
}

core::awaitable<bool> link_maker::ensure(node_id n, std::optional<node_id> via, places said, core::time_point deadline) {
  if (links_.to(n) != nullptr) co_return true;
  if (attempts_.under_way(n)) co_return co_await wait(n, deadline);
  auto to = up_.places_of(n);
  for (const auto& c : said) {
    if (std::ranges::find(to, c) == to.end()) to.push_back(c);
  }
  if (!to.empty()) {
    const bool dialled = co_await dial(n, std::move(to), std::min(deadline, env_.now() + direct_timeout));
    if (dialled) co_return true;
  }
  co_return co_await attach(n, via, deadline);
}

message_contents link_maker::make_attach(const destination& to) const {
  attach_message a;
  a.role = "passive";
  a.candidates = to_ice(layer_.candidates());
  a.send_update = up_.wants_updates();
  message_contents m;
  m.code = code::attach_req;
  m.body = a.encode();
  m.extensions.push_back(attach_stamp{core::unix_milliseconds(env_.wall_now()), to}.encode());
  return m;
}

core::bytes link_maker::acceptance() const {
  attach_message a;
  a.role = "active";
  a.candidates = to_ice(layer_.candidates());
  return a.encode();
}

core::awaitable<bool> link_maker::attach(node_id n, std::optional<node_id> via, core::time_point deadline) {
  if (links_.to(n) != nullptr) co_return true;
  if (attempts_.under_way(n)) co_return co_await wait(n, deadline);
  attempts_.begin_attach(n);
  auto m = make_attach(destination::to_node(n));
  destination_list to;
  if (via && *via != n && links_.to(*via) != nullptr) to.push_back(destination::to_node(*via));
  to.push_back(destination::to_node(n));
  const auto answered = co_await await_answer(env_, messenger_.requests(), std::move(to), std::move(m), deadline);
  bool linked = links_.to(n) != nullptr;
  if (answered && !linked) {
    attempts_.attach_answered(n);
    const auto theirs = attach_message::decode(answered->contents.body);
    if (answered->contents.code == code::attach_req + 1 && theirs) up_.learn_places(n, diallable(theirs->candidates));
    const auto error = read_error(answered->contents);
    const bool coming = !error || error->code == error_code::in_progress;
    if (coming) linked = co_await wait(n, deadline);
  }
  attempts_.end_attach(n);
  co_return linked;
}

core::awaitable<core::result<node_id>> link_maker::attach_to_root(resource_id place, core::time_point deadline) {
  const destination_list to{destination::to_resource(place)};
  auto m = make_attach(to.front());
  const auto answered = co_await await_answer(env_, messenger_.requests(), to, std::move(m), deadline);
  if (!answered) co_return core::fail(answered.error());
  const auto theirs = attach_message::decode(answered->contents.body);
  if (answered->contents.code != code::attach_req + 1 || !theirs) co_return core::fail(errc::refused, "its Attach");
  const auto root = answered->from;  // "it MUST use the Node-ID in the response"
  up_.learn_places(root, diallable(theirs->candidates));
  const bool linked = co_await wait(root, deadline);
  if (!linked) co_return core::fail(errc::unreachable, "no link to the root " + root.hex());
  co_return root;
}

core::awaitable<bool> link_maker::dial(node_id n, places to, core::time_point deadline) {
  if (!attempts_.begin_dial(n)) co_return false;
  co_await connect(n, std::move(to), deadline);
  co_return links_.to(n) != nullptr;
}

void link_maker::start_dial(const node_id& n, places to) {
  if (attempts_.begin_dial(n)) scope_.spawn(connect(n, std::move(to), env_.now() + dial_timeout));
}

core::awaitable<core::result<node_id>> link_maker::dial_anybody(places to, core::time_point deadline) {
  auto linked = co_await layer_.connect(std::move(to), std::nullopt, deadline);
  if (!linked) co_return core::fail(linked.error());
  const auto n = (*linked)->peer().node();
  adopt(std::move(*linked), true);
  co_return n;
}

core::awaitable<void> link_maker::connect(node_id n, places to, core::time_point deadline) {
  auto dialled = co_await layer_.connect(std::move(to), n, deadline);
  attempts_.end_dial(n);
  if (dialled) adopt(std::move(*dialled), true);
}

std::optional<message_contents> link_maker::refusal(const received_request& r, const attach_message& theirs, const places& to) {
  const auto n = r.signer.node();
  const auto stamp = attach_stamp::of(r.contents);
  const auto here = r.resource ? destination::to_resource(*r.resource) : destination::to_node(self_);
  if (!stamp || stamp->target != here) return make_error(error_code::forbidden, "an Attach for somebody else");
  if (!attached_.take(n, stamp->made_ms, core::unix_milliseconds(env_.wall_now()))) {
    metrics_.drop("attach_old");
    return make_error(error_code::message_expired, "an Attach of another time");
  }
  // "This value MUST be "passive" for the offerer" (s.6.5.1.1).
  if (theirs.role != "passive") return make_error(error_code::invalid_message, "an offer's role is passive");
  if (mixes_ice(theirs.candidates)) return make_error(error_code::invalid_message, "candidates are either all ICE or all No-ICE");
  if (n == self_ || to.empty()) return make_error(error_code::invalid_message, "no candidate that can be dialled");
  if (attempts_.refuses(n)) return make_error(error_code::in_progress);
  return std::nullopt;
}

void link_maker::on_attach(const received_request& r) {
  const auto theirs = attach_message::decode(r.contents.body);
  const auto n = r.signer.node();
  if (!theirs) return messenger_.answers().respond(r, make_error(error_code::invalid_message, theirs.error().message()));
  auto to = diallable(theirs->candidates);
  if (auto no = refusal(r, *theirs, to)) return messenger_.answers().respond(r, std::move(*no));
  messenger_.answers().respond(r, answer_to(r, acceptance()));
  up_.learn_places(n, to);
  const bool fresh = links_.to(n) != nullptr && env_.now() - up_.heard(n) < fresh_for;
  if (fresh) {
    if (theirs->send_update) up_.on_update_wanted(n);
  } else if (attempts_.begin_dial(n)) {
    scope_.spawn(dial_asker(n, std::move(to), theirs->send_update));
  }
}

core::awaitable<void> link_maker::dial_asker(node_id n, places to, bool update) {
  co_await connect(n, std::move(to), env_.now() + dial_timeout);
  if (update && links_.to(n) != nullptr) up_.on_update_wanted(n);
}

void link_maker::adopt(std::shared_ptr<transport::link> l, bool dialled) {
  const auto n = l->peer().node();
  if (n == self_ || stopped_ || !l->open()) return l->close();
  // The handshake checked this too; but a document adopted since may have revoked the peer.
  if (auto trusted = trust_.check(l->peer(), env_.wall_now()); !trusted) {
    metrics_.drop("untrusted_link");
    return l->close();
  }
  if (!dialled && !up_.has_room_for(n)) {
    metrics_.drop("clients_full");
    return l->close();
  }
  messenger_.certificates().keep(l->peer());
  l->observe(&messenger_);
  const bool first = links_.to(n) == nullptr;
  const auto& link = *l;
  links_.add(std::move(l), dialled, env_.now());
  up_.on_linked(n, link, dialled, first);
  const auto waiters = waiters_;
  for (const auto& [whom, timer] : waiters) {
    if (whom == n) timer->cancel();
  }
}

}  // namespace phyllo::overlay
