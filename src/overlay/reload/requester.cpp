#include "reload/requester.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "reload/configuration_sequence.hpp"

namespace phyllo::overlay {
namespace {

constexpr core::duration configuration_retry = std::chrono::milliseconds(250);

// What any node on the way may answer.
bool from_the_way(std::uint16_t error, std::uint16_t request) {
  const bool diagnoses = request == code::ping_req || request == code::path_track_req;
  if (diagnoses && error >= error_code::underlay_destination_unreachable && error <= error_code::ttl_hops_exceeded) return true;
  return error == error_code::ttl_exceeded || error == error_code::unsupported_forwarding_option || error == error_code::message_too_large;
}

bool for_storage(std::uint16_t c) { return c == code::store_req || c == code::fetch_req || c == code::stat_req || c == code::find_req; }

std::vector<node_id> path_of(const forwarding_header& h, const node_id& self, const std::optional<node_id>& from) {
  std::vector<node_id> out{self};
  if (from) out.push_back(*from);
  for (auto i = h.via.rbegin(); i != h.via.rend(); ++i) out.push_back(i->id);
  return out;
}

void complete(pending_request r, core::result<answer> a) {
  if (r.done) r.done(std::move(a));
}

}  // namespace

requester::requester(core::environment& env, unsigned sends_max, core::duration end_to_end_timer, const topology& where,
                     const message_maker& maker, message_router& router, message_counters& counters, neighbour_observer& neighbours,
                     messenger_observer& up, own_requests& here)
    : env_(env),
      sends_max_(sends_max),
      topology_(where),
      maker_(maker),
      router_(router),
      counters_(counters),
      neighbours_(neighbours),
      up_(up),
      here_(here),
      requests_(end_to_end_timer),
      alarm_(env.make_timer()) {}

core::awaitable<void> requester::run() {
  while (true) {  // ends by cancellation
    run_due(env_.now());
    alarm_->set(std::max(next_due(), env_.now()));
    co_await alarm_->wait();
  }
}

void requester::ask(destination_list to, message_contents m, core::time_point deadline, options o, pending_request::handler done) {
  pending_request r;
  r.transaction = core::random_u64(env_);
  r.code = m.code;
  r.contents = std::move(m);
  r.destinations = std::move(to);
  r.link_only = o.link_only;
  r.deadline = deadline;
  r.next_send = env_.now();  // run() sends it: never from inside this call
  r.sends_max = o.sends_max != 0 ? o.sends_max : sends_max_;
  r.timer = o.timer;
  r.done = std::move(done);
  requests_.add(std::move(r));
  wake();
}

void requester::ask_each(std::vector<node_id> to, message_contents m, core::time_point deadline,
                         std::function<void(node_id, core::result<answer>)> done) {
  const auto transaction = core::random_u64(env_);
  const auto payload = maker_.seal(m, transaction);
  for (const auto& n : to) {
    pending_request r;
    r.transaction = transaction;
    r.payload = payload;
    r.destinations = {destination::to_node(n)};
    r.code = m.code;
    r.deadline = deadline;
    r.next_send = env_.now();
    r.sends_max = sends_max_;
    r.done = [n, done](core::result<answer> a) { done(n, std::move(a)); };
    requests_.add(std::move(r));
  }
  wake();
}

void requester::send(pending_request& r) {
  requests_.sent(r, env_.now());
  auto header = maker_.header(r.transaction, r.destinations);
  if (r.code == code::config_update_req) header.configuration_sequence = any_sequence;
  r.first_hop.reset();
  if (stays_here(r)) return here_.on_own_request(header, r.contents);
  if (r.payload.empty()) r.payload = maker_.seal(r.contents, r.transaction);
  r.first_hop = router_.route(std::move(header), std::make_shared<core::bytes>(r.payload), std::nullopt, r.link_only);
}

bool requester::stays_here(const pending_request& r) const {
  if (!for_storage(r.code) || r.link_only || r.destinations.size() != 1 || !r.payload.empty()) return false;
  return topology_.decide(r.destinations.front(), r.code == code::fetch_req).what == verdict::deliver;
}

void requester::answer_locally(std::uint64_t transaction, message_contents m) {
  local_answers_.push_back({transaction, {std::move(m), topology_.self(), {topology_.self()}, 0}});
  wake();
}

void requester::run_due(core::time_point now) {
  auto local = std::exchange(local_answers_, {});
  for (auto& a : local) {
    if (auto* r = requests_.find(a.transaction, topology_.self())) complete(requests_.take(*r), std::move(a.content));
  }
  auto work = requests_.due(now);
  for (auto* r : work.send) send(*r);
  for (auto& r : work.failed) {
    if (r.first_hop && r.destinations.size() == 1 && r.target().id == *r.first_hop) neighbours_.on_unanswered(*r.first_hop);
    const auto detail = code_name(r.code) + " to " + r.target().id.hex() + ", sent " + std::to_string(r.sends) + " times";
    complete(std::move(r), core::fail(errc::timed_out, detail));
  }
}

core::time_point requester::next_due() const { return local_answers_.empty() ? requests_.next_due() : core::time_point::min(); }

void requester::hurry(const node_id& hop) {
  requests_.hurry(hop, env_.now());
  wake();
}

void requester::give_up(const node_id& failed) {
  requests_.give_up(failed, env_.now());
  hurry(failed);
}

void requester::stop() {
  for (auto& r : requests_.take_all()) complete(std::move(r), core::fail(errc::not_joined, "the peer has stopped"));
}

void requester::on_answer(const forwarding_header& h, opened_payload& p, const identity::certificate& signer,
                          const std::optional<node_id>& from) {
  tell_of_configuration(h, maker_.configuration_sequence(), signer.node(), {destination::to_node(signer.node())}, up_);
  auto* r = requests_.find(h.transaction_id, signer.node());
  if (r == nullptr) return counters_.dropped("late_answer", from);
  answer a{std::move(p.contents), signer.node(), path_of(h, topology_.self(), from), 0};
  a.hops = static_cast<unsigned>(a.path.size()) - 1;
  a.of_peer = signer.may_be_peer();
  if (acceptable(*r, a)) complete(requests_.take(*r), std::move(a));
}

bool requester::acceptable(pending_request& r, const answer& a) {
  const auto error = a.contents.code == code::error ? read_error(a.contents) : core::result<error_response>(error_response{});
  if (!error || (a.contents.code != code::error && a.contents.code != r.code + 1)) {
    counters_.dropped("malformed", a.from);
    return false;
  }
  if (from_the_way(error->code, r.code)) return true;
  const auto& target = r.target();
  if (target.type == destination_type::node && !target.wildcard() && target.id != a.from) {
    counters_.dropped("wrong_signer", a.from);
    return false;
  }
  if (error->code == error_code::config_too_old || error->code == error_code::config_too_new) {
    r.sends = 0;
    requests_.send_at(r, env_.now() + configuration_retry);
    up_.on_configuration_differs(a.from, error->code == error_code::config_too_old);
    wake();
    return false;
  }
  if (target.type == destination_type::resource && !topology_.credible_root(a.from, target.id)) {
    counters_.dropped("wrong_root", a.from);
    requests_.refused(r, env_.now());
    wake();
    return false;
  }
  return true;
}

}  // namespace phyllo::overlay
