#include "callee_machine.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace phyllo::load {
namespace {

constexpr std::string_view session =
    "v=0\r\no=load 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n";

// Appends texts to a buffer; once one does not fit nothing is written any more.
class writer {
 public:
  explicit writer(std::span<char> into) : into_(into) {}
  writer& add(std::string_view s) noexcept {
    whole_ = whole_ && s.size() <= into_.size() - size_;
    if (!whole_ || s.empty()) return *this;
    std::memcpy(into_.data() + size_, s.data(), s.size());
    size_ += s.size();
    return *this;
  }
  [[nodiscard]] std::size_t size() const noexcept { return whole_ ? size_ : 0; }

 private:
  std::span<char> into_;
  std::size_t size_ = 0;
  bool whole_ = true;
};

}  // namespace

callee_machine::callee_machine(settings s, outbox& out, core::time_point now) : settings_(std::move(s)), out_(out), wheel_(now) {}

bool callee_machine::on_request(const sip_scan& request, const arrival& a, core::time_point now) {
  operation_key key;
  if (!operation_key::read(request.call_id, key) || !request.call_id.substr(operation_key::digits).starts_with(settings_.run)) return false;
  if (key.place >= settings_.calls_max) return false;
  if (request.method == "INVITE") {
    invited(request, a, key, now);
    return true;
  }
  if (key.place < calls_.size() && calls_[key.place].use == key.use) calls_[key.place].waits = false;
  if (request.method != "ACK") answer(request, a, "200 OK", "");
  return true;
}

void callee_machine::invited(const sip_scan& request, const arrival& a, operation_key key, core::time_point now) {
  if (key.place >= calls_.size()) calls_.resize(key.place + 1);
  auto& c = calls_[key.place];
  if (c.use == key.use) {  // it is sent again: so is the answer, unless the caller has it
    if (c.waits) send(c);
    return;
  }
  answer(request, a, "180 Ringing", "");
  c.use = key.use;
  c.waits = true;
  c.way = a.way;
  c.from = a.from;
  c.answer.resize(4096);
  c.answer.resize(write(c.answer, request, a.way, "200 OK", session));
  send(c);
  c.again.begin(now, settings_.timing);
  wheel_.set(key, c.again.due());
}

void callee_machine::on_time(core::time_point now) {
  wheel_.pass(now, [&](operation_key key, core::time_point) {
    auto& c = calls_[key.place];
    if (c.use != key.use || !c.waits) return;
    const auto step = c.again.pass(now, settings_.timing, false);
    if (step == retransmission::step::give_up) c.waits = false;
    if (step == retransmission::step::again) {
      send(c);
      ++retransmissions_;
    }
    if (c.waits) wheel_.set(key, c.again.due());
  });
}

void callee_machine::send(const call& c) {
  const auto room = out_.room(c.way);
  if (c.answer.empty() || room.size() < c.answer.size()) return;
  std::memcpy(room.data(), c.answer.data(), c.answer.size());
  out_.commit(c.way, c.from, c.answer.size());
}

void callee_machine::answer(const sip_scan& request, const arrival& a, std::string_view status, std::string_view body) {
  if (const auto size = write(out_.room(a.way), request, a.way, status, body); size > 0) out_.commit(a.way, a.from, size);
}

std::size_t callee_machine::write(std::span<char> into, const sip_scan& request, unsigned way, std::string_view status,
                                  std::string_view body) const {
  writer w(into);
  w.add("SIP/2.0 ").add(status).add("\r\n");
  for (const auto via : request.vias()) w.add(via);
  for (const auto route : request.record_routes()) w.add(route);
  w.add(request.from_line).add("To: ").add(request.to);
  if (parameter_of(request.to, "tag").empty()) w.add(";tag=b").add(request.call_id.substr(0, operation_key::digits));
  w.add("\r\n").add(request.call_id_line).add(request.cseq_line);
  w.add("Contact: <sip:callee@").add(way < settings_.locals.size() ? std::string_view(settings_.locals[way]) : "invalid");
  w.add(settings_.contact_parameters).add(">\r\n");
  if (!body.empty()) w.add("Content-Type: application/sdp\r\n");
  std::array<char, 8> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), body.size()).ptr;
  w.add("Content-Length: ").add({digits.data(), static_cast<std::size_t>(end - digits.data())}).add("\r\n\r\n").add(body);
  return w.size();
}

}  // namespace phyllo::load
