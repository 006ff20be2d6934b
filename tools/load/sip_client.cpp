#include "sip_client.hpp"

#include <algorithm>

namespace phyllo::load {

sip_client::sip_client(sip_client_settings s, std::vector<user> users, std::vector<std::string> parts, outbox& out, core::time_point now)
    : settings_(std::move(s)), users_(std::move(users)), out_(out), wheel_(now), tally_(parts) {}

void sip_client::on_message(const arrival& a, core::time_point now) {
  sip_scan scan;
  operation_key key;
  bool known = scan.read(a.text);
  if (known && scan.status == 0) {
    known = callee_ != nullptr && callee_->on_request(scan, a, now);
  } else if (known) {
    known = operation_key::read(scan.call_id, key) && scan.call_id.substr(operation_key::digits) == settings_.run &&
            on_response(scan, key, now);
  }
  if (!known) ++tally_.unexpected;
}

void sip_client::on_time(core::time_point now) {
  wheel_.pass(now, [&](operation_key key, core::time_point at) { on_alarm(key, at, now); });
  if (callee_ == nullptr) return;
  callee_->on_time(now);
  tally_.retransmissions += callee_->retransmissions() - callee_retransmissions_;
  callee_retransmissions_ = callee_->retransmissions();
}

core::time_point sip_client::next_time() const noexcept {
  return callee_ == nullptr ? wheel_.next() : std::min(wheel_.next(), callee_->next_time());
}

unsigned sip_client::way_of(std::size_t user) const noexcept { return settings_.way_first + static_cast<unsigned>(user % settings_.ways); }

void sip_client::count_begin(core::time_point intended, core::time_point now) {
  if (!is_counted(intended)) return;
  ++tally_.started;
  tally_.behind.record(now - intended);
}

void sip_client::count_success(core::time_point intended, core::time_point now) {
  if (!is_counted(intended)) return;
  ++tally_.succeeded;
  tally_.whole.record(now - intended);
}

void sip_client::count_failure(core::time_point intended, std::string_view reason) {
  if (is_counted(intended)) tally_.fail(reason);
}

void sip_client::count_status(core::time_point intended, int status) { count_failure(intended, std::to_string(status)); }

void sip_client::count_part(std::size_t part, core::time_point intended, core::duration d) {
  if (is_counted(intended)) tally_.parts[part].values.record(d);
}

bool sip_client::send(const message_template& t, const gap_values& v, unsigned way) {
  const auto size = t.render(out_.room(way), v);
  if (size > 0) out_.commit(way, {}, size);
  return size > 0;
}

bool sip_client::meet_challenge(const sip_scan& r, const user& u, std::string_view method, std::string_view uri, operation_key key,
                                std::string& to) const {
  to.clear();
  const auto offer = digest_offer::best(r.challenges(), settings_.digest);
  if (!offer) return false;
  const auto cnonce = key.text();
  append_authorization(to, r.status == 407, *offer, {u.name, u.password, method, uri, {cnonce.data(), cnonce.size()}});
  return true;
}

}  // namespace phyllo::load
