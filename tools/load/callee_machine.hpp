// The end that is called: answers INVITE with 180 and 200, sends 200 again until the ACK (RFC 3261 s.13.3.1.4), and answers
// every other request with 200. It knows the calls of this run by the key in their Call-ID.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "machine.hpp"
#include "retransmission.hpp"
#include "sip_scan.hpp"
#include "timer_wheel.hpp"

namespace phyllo::load {

class callee_machine {
 public:
  struct settings {
    std::string run;                  // what stands behind the key in a Call-ID of ours
    std::string contact_parameters;   // ";transport=tcp"
    std::vector<std::string> locals;  // of each way, "192.0.2.1:5060"
    std::size_t calls_max = 200'000;  // at a time
    sip_timing timing;
  };
  callee_machine(settings s, outbox& out, core::time_point now);

  // False: it is no request of this run.
  bool on_request(const sip_scan& request, const arrival& a, core::time_point now);
  void on_time(core::time_point now);
  [[nodiscard]] core::time_point next_time() const noexcept { return wheel_.next(); }
  [[nodiscard]] std::uint64_t retransmissions() const noexcept { return retransmissions_; }

 private:
  struct call {
    std::uint32_t use = 0;
    bool waits = false;  // for the ACK
    unsigned way = 0;
    address from;
    std::string answer;  // the 200
    retransmission again;
  };
  void invited(const sip_scan& request, const arrival& a, operation_key key, core::time_point now);
  void send(const call& c);
  void answer(const sip_scan& request, const arrival& a, std::string_view status, std::string_view body);
  [[nodiscard]] std::size_t write(std::span<char> into, const sip_scan& request, unsigned way, std::string_view status,
                                  std::string_view body) const;

  settings settings_;
  outbox& out_;
  timer_wheel wheel_;
  std::vector<call> calls_;  // by the key's place
  std::uint64_t retransmissions_ = 0;
};

}  // namespace phyllo::load
