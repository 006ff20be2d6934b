#include "port/drop_filter.hpp"

#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace phyllo::transport {
namespace {

constexpr std::uint32_t udp_header = 8;  // what the filter sees begins with it

std::uint32_t four_bytes(std::string_view four) {
  std::uint32_t out = 0;
  for (const char c : four) out = out << 8 | static_cast<std::uint8_t>(c);
  return out;
}

constexpr std::uint32_t stride = 8;                       // of so many places in a row one is looked at
constexpr std::uint32_t block = 8 * stride;               // what is looked at between two looks at the length
constexpr std::uint32_t scan_from = udp_header + stride;  // no mark begins earlier
constexpr std::array reaches{1024U, 768U, 512U, 256U, 0U};

std::vector<std::uint32_t> beginnings_of(const drop_rule& rule) {
  std::vector<std::uint32_t> out;
  for (const auto b : rule.beginnings) out.push_back(four_bytes(b.substr(0, 4)));
  return out;
}

// Where the mark stands around a place that is looked at, one of these stands there.
std::vector<std::uint32_t> mark_words(std::string_view mark) {
  assert(mark.size() >= stride + 3);
  std::vector<std::uint32_t> out;
  for (std::size_t i = 0; i < stride; ++i) out.push_back(four_bytes(mark.substr(i, 4)));
  return out;
}

// A program in the making, which only goes forwards. Jumps to where it does not stand yet are filled in when it gets there.
class filter_program {
 public:
  filter_program(std::uint32_t reach, const drop_rule& rule, const drop_shares& dropped) {
    find_beginning(beginnings_of(rule));
    const auto mark = mark_words(rule.mark);
    for (auto at = scan_from; at + block <= reach; at += block) find_mark(mark, at);
    jump(unmarked_);
    arrive(marked_);
    roll(dropped.marked);
    arrive(unmarked_);
    roll(dropped.unmarked);
    arrive(passes_);
    add(BPF_RET | BPF_K, ~std::uint32_t{0});
  }
  [[nodiscard]] std::span<sock_filter> code() noexcept { return code_; }

 private:
  using jumps = std::vector<std::size_t>;

  void add(unsigned code, std::uint32_t k) { code_.push_back({static_cast<std::uint16_t>(code), 0, 0, k}); }
  // Distances are counted from the next instruction on.
  void branch(unsigned test, std::uint32_t k, std::size_t if_true, std::size_t if_false) {
    const auto code = static_cast<std::uint16_t>(BPF_JMP | test | BPF_K);
    code_.push_back({code, static_cast<std::uint8_t>(if_true), static_cast<std::uint8_t>(if_false), k});
  }
  void jump(jumps& to) {
    to.push_back(code_.size());
    add(BPF_JMP | BPF_JA, 0);
  }
  void arrive(const jumps& from) {
    for (const auto at : from) code_[at].k = static_cast<std::uint32_t>(code_.size() - at - 1);
  }

  // To load what is not there would end the program, and drop the datagram.
  void need(std::uint32_t bytes, jumps& otherwise) {
    add(BPF_LD | BPF_W | BPF_LEN, 0);
    branch(BPF_JGE, bytes, 1, 0);
    jump(otherwise);
  }
  // Goes on behind the next jump if one of these stands there.
  void look_for(std::span<const std::uint32_t> words, std::uint32_t at, std::size_t if_found, std::size_t if_not) {
    add(BPF_LD | BPF_W | BPF_ABS, at);
    for (auto left = words.size(); left > 0; --left)
      branch(BPF_JEQ, words[words.size() - left], left - 1 + if_found, left == 1 ? if_not : 0);
  }
  void find_beginning(std::span<const std::uint32_t> beginnings) {
    need(udp_header + sizeof(std::uint32_t), passes_);
    look_for(beginnings, udp_header, 1, 0);
    jump(passes_);
  }
  void find_mark(std::span<const std::uint32_t> words, std::uint32_t from) {
    need(from + block, unmarked_);
    for (auto at = from; at < from + block; at += stride) {
      look_for(words, at, 0, 1);
      jump(marked_);
    }
  }
  void roll(double dropped) {
    constexpr double all = 4294967295.0;
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM));
    branch(BPF_JGE, static_cast<std::uint32_t>(std::clamp(dropped, 0.0, 1.0) * all), 1, 0);
    add(BPF_RET | BPF_K, 0);
    jump(passes_);
  }

  std::vector<sock_filter> code_;
  jumps unmarked_, marked_, passes_;
};

}  // namespace

void drop_datagrams(int socket, const drop_rule& rule, const drop_shares& dropped) {
  if (dropped == drop_shares()) {
    const int none = 0;
    ::setsockopt(socket, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none);
    return;
  }
  for (const auto reach : reaches) {
    filter_program program(reach, rule, dropped);
    const sock_fprog filter{static_cast<unsigned short>(program.code().size()), program.code().data()};
    if (::setsockopt(socket, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 || errno != ENOMEM) return;
  }
}

socket_load load_of(int socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, info.data(), &size) != 0) return {};
  const double room = std::max(info[SK_MEMINFO_RCVBUF], 1U);
  return {.dropped = info[SK_MEMINFO_DROPS], .filled = std::min(1.0, info[SK_MEMINFO_RMEM_ALLOC] / room)};
}

}  // namespace phyllo::transport
