#include "port/port_sharing.hpp"

#include <sys/socket.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <asio/ip/v6_only.hpp>
#include <cerrno>
#include <system_error>

#include "phyllo/transport/errc.hpp"
#include "port/bind_error.hpp"

namespace phyllo::transport {
namespace {

constexpr std::uint32_t source_v4 = 12;  // where the headers have it (RFC 791 s.3.1, RFC 8200 s.3)
constexpr std::uint32_t source_v6 = 8;

template <class Protocol>
asio::error_code try_bind(const endpoint& at, bool reuse_address) {
  asio::io_context io;
  typename Protocol::socket probe(io);
  const typename Protocol::endpoint where(at.address, at.port);
  asio::error_code ec;
  probe.open(where.protocol(), ec);
  if (!ec && at.address.is_v6()) probe.set_option(asio::ip::v6_only(true), ec);
  if (!ec && reuse_address) probe.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) probe.bind(where, ec);
  return ec;
}

class program {
 public:
  void add(unsigned code, std::uint32_t k) { code_.push_back({static_cast<std::uint16_t>(code), 0, 0, k}); }
  void branch(unsigned test, std::uint32_t k, std::uint8_t if_true, std::uint8_t if_false) {
    code_.push_back({static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), if_true, if_false, k});
  }
  void load_network(std::uint32_t at) { add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_NET_OFF) + at); }
  // STUN, DTLS, TURN channels and nothing at all end at the first shard; what begins as text goes on. Distances as classify_datagram has
  // the kinds; where there is no such octet the program ends with 0.
  void first_takes_all_but_text() {
    add(BPF_LD | BPF_B | BPF_ABS, 0);
    branch(BPF_JGE, 4, 1, 0);
    add(BPF_RET | BPF_K, 0);
    branch(BPF_JGE, 20, 0, 8);
    branch(BPF_JGE, 64, 1, 0);
    add(BPF_RET | BPF_K, 0);
    branch(BPF_JGE, 80, 5, 0);
    add(BPF_LD | BPF_B | BPF_ABS, 1);  // a method's second octet is a letter, a channel's is not
    add(BPF_ALU | BPF_AND | BPF_K, 0xdf);
    branch(BPF_JGE, 'A', 0, 1);
    branch(BPF_JGE, 'Z' + 1, 0, 1);
    add(BPF_RET | BPF_K, 0);
  }
  void hash_v4(const steering& by) {
    load_network(source_v4);
    add(BPF_ALU | BPF_MUL | BPF_K, by.low());
  }
  void hash_v6(const steering& by) {
    load_network(source_v6);
    add(BPF_ALU | BPF_MUL | BPF_K, by.high());
    add(BPF_ST, 0);
    load_network(source_v6 + 4);
    add(BPF_ALU | BPF_MUL | BPF_K, by.low());
    add(BPF_LDX | BPF_MEM, 0);
    add(BPF_ALU | BPF_ADD | BPF_X, 0);
  }
  void choose(const steering& by) {
    add(BPF_ALU | BPF_RSH | BPF_K, 16);
    add(BPF_ALU | BPF_MOD | BPF_K, by.shards());
    add(BPF_RET | BPF_A, 0);
  }
  [[nodiscard]] std::vector<sock_filter> code() && { return std::move(code_); }

 private:
  std::vector<sock_filter> code_;
};

}  // namespace

core::status check_free(const endpoint& at, port_use use) {
  const bool datagrams = use == port_use::datagrams;
  // A listener's address is one's own while earlier connections are in TIME_WAIT.
  const auto ec = datagrams ? try_bind<asio::ip::udp>(at, false) : try_bind<asio::ip::tcp>(at, true);
  if (ec) return core::fail(explain_bind(datagrams ? "UDP" : "TCP", at, ec));
  return {};
}

void share_port(int fd) noexcept {
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
}

std::vector<sock_filter> steering_program(bool v6, port_use use, const steering& by) {
  program p;
  if (by.shards() == 1) {
    p.add(BPF_RET | BPF_K, 0);
    return std::move(p).code();
  }
  if (use == port_use::datagrams) p.first_takes_all_but_text();
  v6 ? p.hash_v6(by) : p.hash_v4(by);
  p.choose(by);
  return std::move(p).code();
}

core::status steer_port(int fd, bool v6, port_use use, const steering& by) {
  auto code = steering_program(v6, use, by);
  const sock_fprog what{static_cast<unsigned short>(code.size()), code.data()};
  if (::setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &what, sizeof what) == 0) return {};
  return core::fail(errc::refused, "no port can be shared by shards: " + std::generic_category().message(errno));
}

}  // namespace phyllo::transport
