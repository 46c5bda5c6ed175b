#include "cfwarden/base/der_time.h"

#include <chrono>

namespace cfwarden {
namespace {

constexpr int first_year_of_utc_time = 1950;
constexpr int seconds_an_hour = 3600;
constexpr int seconds_a_minute = 60;

// Takes numbers of fixed width, and remembers whether one was missing or too large.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_{text} {}

  bool sound() const { return sound_; }
  std::string_view rest() const { return rest_; }

  int take(std::size_t width, int largest) {
    int value = 0;
    sound_ = sound_ && rest_.size() >= width;
    for (std::size_t i = 0; sound_ && i < width; ++i) {
      sound_ = rest_[i] >= '0' && rest_[i] <= '9';
      value = 10 * value + (rest_[i] - '0');
    }
    sound_ = sound_ && value <= largest;
    if (!sound_) return 0;
    rest_.remove_prefix(width);
    return value;
  }

  bool starts_with_digit() const {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }

 private:
  std::string_view rest_;
  bool sound_ = true;
};

// Z, or +hhmm and -hhmm: Go writes the time again and wants the same text, and it writes Z for 0.
std::optional<int> zone_offset(std::string_view text) {
  if (text == "Z") return 0;
  if (!text.starts_with('+') && !text.starts_with('-')) return std::nullopt;
  Digits digits{text.substr(1)};
  const int hours = digits.take(2, 24);
  const int minutes = digits.take(2, 59);
  const int seconds = hours * seconds_an_hour + minutes * seconds_a_minute;
  if (!digits.sound() || !digits.rest().empty() || seconds == 0) return std::nullopt;
  return text.starts_with('-') ? -seconds : seconds;
}

int take_year(Digits& digits, DerTag tag) {
  if (tag == DerTag::generalized_time) return digits.take(4, 9999);
  const int year = 1900 + digits.take(2, 99);
  return year < first_year_of_utc_time ? year + 100 : year;
}

}  // namespace

std::optional<std::int64_t> der_time(const DerElement& element) {
  using namespace std::chrono;
  const bool is_utc_time = element.tag == DerTag::utc_time;
  if (!is_utc_time && element.tag != DerTag::generalized_time) return std::nullopt;
  Digits digits{element.content};
  const year year_number{take_year(digits, element.tag)};
  const month month_number{static_cast<unsigned>(digits.take(2, 12))};
  const day day_number{static_cast<unsigned>(digits.take(2, 31))};
  const int hour = digits.take(2, 23);
  const int minute = digits.take(2, 59);
  const bool has_seconds = !is_utc_time || digits.starts_with_digit();
  const int second = has_seconds ? digits.take(2, 59) : 0;
  const std::optional<int> offset = zone_offset(digits.rest());
  const year_month_day date = year_number / month_number / day_number;
  if (!digits.sound() || !offset || !date.ok()) return std::nullopt;
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  return days * 24 * seconds_an_hour + hour * seconds_an_hour + minute * seconds_a_minute + second -
         *offset;
}

}  // namespace cfwarden
