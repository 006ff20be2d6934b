// Who takes a datagram, by its first bytes (RFC 7983): one table for the ports that others know, one for the sockets that links are dialled
// from.
#pragma once

#include <array>

#include "phyllo/core/metrics.hpp"
#include "phyllo/transport/doors.hpp"

namespace phyllo::transport {

class datagram_demultiplexer final : public datagram_service {
 public:
  // `m` must outlive it, and services their place in it.
  explicit datagram_demultiplexer(core::metrics& m) : metrics_(m) {}
  void serve(datagram_kind kind, datagram_service* by) noexcept { services_[static_cast<std::size_t>(kind)] = by; }  // null: nobody
  void clear() noexcept { services_.fill(nullptr); }

  void on_datagram(datagram_port& port, const incoming_datagram& d) override;

 private:
  core::metrics& metrics_;
  std::array<datagram_service*, datagram_kinds> services_{};
};

}  // namespace phyllo::transport
