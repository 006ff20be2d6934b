#include "chord/chord_performer.hpp"

#include "reload/await_answer.hpp"
#include "reload/diagnostic_messages.hpp"

namespace phyllo::overlay {
namespace {

using namespace std::chrono_literals;

constexpr core::duration update_timeout = 5s;
constexpr core::duration join_timeout = 8s;  // less than the machine waits in a step
constexpr core::duration attach_timeout = 8s;
constexpr core::duration contact_timeout = 4s;  // of a bootstrap node, which the machine asks for anew
constexpr core::duration ping_timeout = 5s;
constexpr core::duration check_timeout = 3s;  // of a link that owes an answer

bool answers(const core::result<answer>& a, std::uint16_t request) { return a && a->contents.code == request + 1; }

}  // namespace

chord_performer::chord_performer(const topology_parts& parts, chord& machine, chord_contacts& contacts, chord_presence& presence,
                                 topology_observer& up)
    : env_(parts.env),
      links_(parts.links),
      messenger_(parts.messages),
      link_maker_(parts.making),
      log_(parts.log),
      machine_(machine),
      contacts_(contacts),
      presence_(presence),
      up_(up),
      scope_(env_) {}

void chord_performer::perform(const chord::actions& wanted, const received_request& join) {
  join_ = &join;
  perform(wanted);
  join_ = nullptr;
}

void chord_performer::perform(const chord::actions& wanted) {
  if (presence_.state() == peer_state::left) return;
  for (const auto& a : wanted) std::visit([this](const auto& what) { act(what); }, a);
  up_.on_agenda_changed();
}

void chord_performer::send(const node_id& n, std::uint16_t code, core::bytes body, core::duration timeout, pending_request::handler done) {
  message_contents m;
  m.code = code;
  m.body = std::move(body);
  messenger_.requests().ask({destination::to_node(n)}, std::move(m), env_.now() + timeout, {.link_only = true}, std::move(done));
}

void chord_performer::act(const chord_actions::find_bootstrap&) {
  if (!bootstrap_.empty() && !contacting_) scope_.spawn(find_bootstrap());
}

core::awaitable<void> chord_performer::find_bootstrap() {
  contacting_ = true;
  const auto met = co_await link_maker_.dial_anybody(bootstrap_, env_.now() + contact_timeout);  // on_linked tells the machine
  contacting_ = false;
  if (!met) log_.debug("no bootstrap node answers: {}", met.error().message());
}

void chord_performer::act(const chord_actions::attach& a) { scope_.spawn(attach(a.to, a.via)); }

core::awaitable<void> chord_performer::attach(destination to, std::optional<node_id> via) {
  const auto deadline = env_.now() + attach_timeout;
  std::optional<node_id> by;
  if (to.type == destination_type::node) {
    const bool linked = co_await link_maker_.attach(to.id, via, deadline);
    if (linked) by = to.id;
  } else {
    const auto root = co_await link_maker_.attach_to_root(to.id, deadline);
    if (root) by = *root;
  }
  perform(machine_.attached(to, by, env_.now()));
}

void chord_performer::act(const chord_actions::tell& a) {
  const auto body = a.update.encode();
  for (const auto& n : a.to) {
    send(n, code::update_req, body, update_timeout, [this, n](const core::result<answer>& got) {
      if (!got) fail(n);
    });
  }
}

void chord_performer::act(const chord_actions::ask_join& a) {
  const auto at = a.at;
  send(at, code::join_req, chord_join_request{machine_.routing().self()}.encode(), join_timeout,
       [this, at](const core::result<answer>& got) {
         const bool accepted = answers(got, code::join_req) && check_chord_join_answer(got->contents.body).has_value();
         perform(machine_.join_answered(at, accepted, env_.now()));
       });
}

void chord_performer::act(const chord_actions::answer_join& a) {
  if (join_ == nullptr) return;
  if (a.accepted) return messenger_.answers().respond(*join_, answer_to(*join_, encode_chord_join_answer()));
  messenger_.answers().respond(*join_, make_error(error_code::not_found, "another peer is responsible for joining_peer_id"));
}

void chord_performer::act(const chord_actions::hand_over& a) { scope_.spawn(hand_over(a.to, a.keys)); }

core::awaitable<void> chord_performer::hand_over(node_id to, key_range keys) {
  co_await up_.give_records(to, arcs_of(keys));
  perform(machine_.handed_over(to, env_.now()));
}

void chord_performer::act(const chord_actions::copy& a) { scope_.spawn(up_.give_records(a.to, arcs_of(a.keys))); }

void chord_performer::act(const chord_actions::ping& a) {
  message_contents m;
  m.code = code::ping_req;
  m.body = encode_ping_request();
  messenger_.requests().ask({destination::to_resource(a.key)}, std::move(m), env_.now() + ping_timeout, {},
                            [this](const core::result<answer>& got) {
                              if (answers(got, code::ping_req)) perform(machine_.ping_answered(got->from, env_.now()));
                            });
}

void chord_performer::act(const chord_actions::seek&) {
  if (!bootstrap_.empty()) scope_.spawn(seek_through({bootstrap_[core::random_u64(env_) % bootstrap_.size()]}));
}

core::awaitable<void> chord_performer::seek_through(places place) {
  const auto met = co_await link_maker_.dial_anybody(std::move(place), env_.now() + contact_timeout);
  if (!met) co_return;
  const auto via = *met;
  message_contents m;
  m.code = code::ping_req;
  m.body = encode_ping_request();
  destination_list to;
  to.push_back(destination::to_node(via));
  to.push_back(destination::to_resource(machine_.routing().self()));
  const auto got = co_await await_answer(env_, messenger_.requests(), std::move(to), std::move(m), env_.now() + ping_timeout);
  if (answers(got, code::ping_req)) perform(machine_.sought(via, got->from, env_.now()));
}

void chord_performer::act(const chord_actions::say_leave& a) {
  const chord_leave_request leave{machine_.routing().self(), a.type, a.nodes};
  send(a.to, code::leave_req, leave.encode(), update_timeout, {});
}

void chord_performer::act(const chord_actions::close_link& a) {
  for (const auto& l : links_.of(a.node)) l->close();
}

void chord_performer::act(const chord_actions::activated&) {
  const auto& l = machine_.routing().neighbours();
  log_.info("active between {} and {}", l.empty() ? "nobody" : l.predecessors().front().hex(),
            l.empty() ? "nobody" : l.successors().front().hex());
  presence_.enter(peer_state::ready);
  up_.on_activated();
}

void chord_performer::check(const node_id& n) {
  if (links_.to(n) == nullptr || !checking_.insert(n).second) return;
  auto done = [this, n](const core::result<answer>& a) {
    checking_.erase(n);
    if (!a) fail(n);
  };
  send(n, code::ping_req, encode_ping_request(), check_timeout, std::move(done));
}

void chord_performer::fail(const node_id& n) {
  contacts_.note_failed(n, env_.now());
  messenger_.requests().give_up(n);
  perform(machine_.unanswered(n, env_.now()));
}

}  // namespace phyllo::overlay
