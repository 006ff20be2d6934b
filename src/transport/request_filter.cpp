#include "request_filter.hpp"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace phyllo::transport {
namespace {

constexpr std::uint32_t udp_header = 8;  // what the filter sees begins with it

constexpr std::uint32_t word(std::string_view four) {
  std::uint32_t out = 0;
  for (const char c : four) out = out << 8 | static_cast<std::uint8_t>(c);
  return out;
}
constexpr std::array beginnings{word("INVI"), word("REGI"), word("OPTI"), word("MESS"), word("SUBS"), word("PUBL")};

constexpr sock_filter statement(unsigned code, std::uint32_t k) { return {static_cast<std::uint16_t>(code), 0, 0, k}; }
constexpr sock_filter jump(unsigned test, std::uint32_t k, std::size_t if_true, std::size_t if_false) {
  return {static_cast<std::uint16_t>(BPF_JMP | test | BPF_K), static_cast<std::uint8_t>(if_true), static_cast<std::uint8_t>(if_false), k};
}

// Jumps count from the next instruction on.
auto program(std::uint32_t threshold) {
  constexpr std::size_t words = beginnings.size();
  constexpr std::size_t dice = 3 + words;
  constexpr std::size_t pass = dice + 3;
  std::array<sock_filter, pass + 1> p{};
  p[0] = statement(BPF_LD | BPF_W | BPF_LEN, 0);
  p[1] = jump(BPF_JGE, udp_header + 4, 0, pass - 2);
  p[2] = statement(BPF_LD | BPF_W | BPF_ABS, udp_header);
  for (std::size_t i = 0; i < words; ++i) p[3 + i] = jump(BPF_JEQ, beginnings[i], dice - (4 + i), i + 1 < words ? 0 : pass - (4 + i));
  p[dice] = statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM));
  p[dice + 1] = jump(BPF_JGE, threshold, 1, 0);
  p[dice + 2] = statement(BPF_RET | BPF_K, 0);
  p[pass] = statement(BPF_RET | BPF_K, ~std::uint32_t{0});
  return p;
}

}  // namespace

void drop_requests(int socket, double share) {
  const int none = 0;
  if (share <= 0) {
    ::setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
    return;
  }
  constexpr double all = 4294967295.0;
  auto p = program(static_cast<std::uint32_t>(std::min(share, 1.0) * all));
  const sock_fprog filter{static_cast<unsigned short>(p.size()), p.data()};
  ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter);
}

unsigned dropped_by_kernel(int socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return 0;
  return info[SK_MEMINFO_DROPS];
}

}  // namespace phyllo::transport
