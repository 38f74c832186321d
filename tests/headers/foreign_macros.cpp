// Words that headers of other libraries define as macros (Qt, X11, Windows, BSD, glibc, macOS, Arduino, R), and letters
// that programs do: strata compiles after all of them, and leaves them as they were.
#define slots
#define signals public
#define emit
#define foreach(variable, container) for (variable : container)
#define forever for (;;)
#define Q_SLOTS 1
#define Q_SIGNALS 1
#define Q_EMIT 1
#define Q_FOREACH 1
#define Q_OBJECT 1
#define Q_PROPERTY 1
#define Q_ENUM 1
#define SIGNAL(a) #a
#define SLOT(a) #a
#define METHOD 1
#define Q_UNUSED 1
#define Q_ASSERT 1
#define qDebug 1
#define QT_VERSION 1
#define tr 1
#define None 0L
#define Bool int
#define Status int
#define Success 0
#define Always 1
#define Complex 1
#define Convex 1
#define Nonconvex 1
#define True 1
#define False 1
#define Above 1
#define Below 1
#define Opposite 1
#define Unsorted 1
#define YSorted 1
#define YXSorted 1
#define YXBanded 1
#define CurrentTime 1
#define KeyPress 1
#define KeyRelease 1
#define ButtonPress 1
#define ButtonRelease 1
#define MotionNotify 1
#define EnterNotify 1
#define LeaveNotify 1
#define FocusIn 1
#define FocusOut 1
#define KeymapNotify 1
#define Expose 1
#define GraphicsExpose 1
#define NoExpose 1
#define MapNotify 1
#define CreateNotify 1
#define GrayScale 1
#define StaticGray 1
#define StaticColor 1
#define PseudoColor 1
#define TrueColor 1
#define DirectColor 1
#define InputOutput 1
#define InputOnly 1
#define CopyFromParent 1
#define ParentRelative 1
#define PointerWindow 1
#define PointerRoot 1
#define InputFocus 1
#define AnyPropertyType 1
#define AnyKey 1
#define AnyButton 1
#define AllTemporary 1
#define NoSymbol 1
#define NoEventMask 1
#define BadRequest 1
#define BadValue 1
#define BadWindow 1
#define BadMatch 1
#define BadAlloc 1
#define BadName 1
#define BadLength 1
#define BadAccess 1
#define Unmap 1
#define Dont 1
#define DontCareState 1
#define NormalState 1
#define ZoomState 1
#define IconicState 1
#define InactiveState 1
#define LineSolid 1
#define LineOnOffDash 1
#define LineDoubleDash 1
#define CapButt 1
#define CapRound 1
#define JoinMiter 1
#define JoinRound 1
#define JoinBevel 1
#define FillSolid 1
#define FillTiled 1
#define FillStippled 1
#define EvenOddRule 1
#define WindingRule 1
#define ClipByChildren 1
#define IncludeInferiors 1
#define Nonzero 1
#define LSBFirst 1
#define MSBFirst 1
#define CursorShape 1
#define TileShape 1
#define StippleShape 1
#define NotifyNormal 1
#define GrabSuccess 1
#define AlreadyGrabbed 1
#define ControlMask 1
#define ShiftMask 1
#define LockMask 1
#define Button1 1
#define Button2 1
#define Mod1Mask 1
#define FontLeftToRight 1
#define FontChange 1
#define ForgetGravity 1
#define StaticGravity 1
#define CenterGravity 1
#define NotUseful 1
#define WhenMapped 1
#define RaiseLowest 1
#define LowerHighest 1
#define SetModeInsert 1
#define DestroyAll 1
#define RetainPermanent 1
#define Absolute 1
#define Relative 1
#define Black 1
#define White 1
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define near
#define far
#define small char
#define hyper 1
#define IN
#define OUT
#define OPTIONAL
#define DELETE 1
#define CONST const
#define interface struct
#define STRICT 1
#define ERROR 1
#define NO_ERROR 1
#define VOID
#define BOOL 1
#define CALLBACK
#define WINAPI
#define APIENTRY
#define PASCAL
#define pascal
#define cdecl
#define _cdecl 1
#define THIS void
#define THIS_ 1
#define PURE
#define UNALIGNED
#define DOMAIN 1
#define OVERFLOW 1
#define UNDERFLOW 1
#define SING 1
#define PLOSS 1
#define TLOSS 1
#define DIFFERENCE 1
#define ALTERNATE 1
#define WINDING 1
#define OPAQUE 1
#define TRANSPARENT 1
#define ABSOLUTE 1
#define RELATIVE 1
#define RGB(r, g, b) 0
#define INFINITE 1
#define IGNORE 1
#define MAX_PATH 1
#define GetObject 1
#define GetMessage 1
#define SendMessage 1
#define CreateWindow 1
#define DrawText 1
#define LoadImage 1
#define CreateFile 1
#define DeleteFile 1
#define CopyFile 1
#define MoveFile 1
#define GetClassName 1
#define GetCurrentTime 1
#define GetFreeSpace 1
#define Yield 1
#define ReportEvent 1
#define UpdateResource 1
#define SetPort 1
#define StartDoc 1
#define LoadString 1
#define GetUserName 1
#define Polyline 1
#define PlaySound 1
#define DIRECTORY 1
#define FILE_SHARE_READ 1
#define INTERFACE 1
#define GROUP_NAME 1
#define uuid_t 1
#define byte unsigned char
#define FAR
#define NEAR
#define CreateEvent 1
#define CreateMutex 1
#define CreateProcess 1
#define GetTempPath 1
#define GetProp 1
#define FindText 1
#define CreateFont 1
#define GetNextWindow 1
#define DialogBox 1
#define MessageBox 1
#define AddJob 1
#define SearchPath 1
#define SetCurrentDirectory 1
#define RESTORE_CTM 1
#define PASSTHROUGH 1
#define Zero 1
#define CLONE 1
#define TEXT 1
#define T 1
#define HIDDEN 1
#define ENABLED 1
#define DISABLED 1
#define UNICODE 1
#define DEFAULT_QUALITY 1
#define LEFT 1
#define RIGHT 1
#define UP 1
#define DOWN 1
#define SYNCHRONIZE 1
#define ANSI_NULL 1
#define RotateLeft 1
#define INT 1
#define UINT 1
#define LONG 1
#define SHORT 1
#define FLOAT 1
#define CHAR 1
#define DWORD 1
#define WORD 1
#define BYTE 1
#define major(device) 0
#define minor(device) 0
#define makedev(a, b) 0
#undef unix
#define unix 1
#undef linux
#define linux 1
#define I _Complex_I
#define complex _Complex
#define imaginary 1
#define isnan(x) ((x) != (x))
#define isinf(x) 0
#define isfinite(x) 1
#define isnormal(x) 1
#define signbit(x) ((x) < 0)
#define fpclassify(x) 0
#define index(a, b) 0
#define howmany(a, b) 0
#define roundup(a, b) 0
#define powerof2(a) 0
#define NBBY 1
#define NODEV 1
#define DEV_BSIZE 1
#define sun 1
#define mips 1
#define arm 1
#define sparc 1
#define vax 1
#define hpux 1
#define hz 1
#define HZ 1
#define PAGESIZE 1
#define ECHO 1
#define TAB0 1
#define TAB1 1
#define CR0 1
#define NL0 1
#define B0 1
#define B50 1
#define CSIZE 1
#define VMIN 1
#define VTIME 1
#define VEOF 1
#define NCCS 1
#define FLUSHO 1
#define minor_t 1
#define round(x) 0
#define check(x) 0
#define verify(x) 0
#define require(x, label) goto label
#define require_noerr 1
#define nil 1
#define YES 1
#define NO 1
#define Nil 1
#define debug_string 1
#define ns_string 1
#define ID 1
#define F 1
#define B1 1
#define B2 1
#define DEFAULT 1
#define EXTERNAL 1
#define INTERNAL 1
#define INPUT 1
#define OUTPUT 1
#define HIGH 1
#define LOW 1
#define abs(x) ((x) > 0 ? (x) : -(x))
#define constrain 1
#define sq(x) ((x) * (x))
#define bit 1
#define bitRead 1
#define lowByte 1
#define highByte 1
#define word unsigned
#define interrupts 1
#define noInterrupts 1
#define interrupt 1
#define length 1
#define error 1
#define warning 1
#define Calloc 1
#define Free 1
#define Realloc 1
#define U 1
#define L 1
#define S 1
#define N 1
#define D 1
#define C 1
#define P 1
#define A 1
#define B 1
#define E 1
#define G 1
#define H 1
#define J 1
#define K 1
#define M 1
#define O 1
#define Q 1
#define R 1
#define V 1
#define W 1
#define X 1
#define Y 1
#define Z 1
#define LOG 1
#define INFO 1
#define WARNING 1
#define FATAL 1
#define CHECK 1
#define CHECK_EQ 1
#define DCHECK 1
#define VLOG 1
#define FAIL 1
#define SUCCEED 1
#define TEST 1
#define EXPECT 1
#define Print 1
#define StrictMode 1

#include <strata/callbacks.hpp>
#include <strata/data.hpp>
#include <strata/deploy.hpp>
#include <strata/image_folder.hpp>
#include <strata/io/checkpoint.hpp>
#include <strata/onnx.hpp>
#include <strata/strata.hpp>
#include <strata/training/run_file.hpp>

#if !defined(slots) || !defined(I) || !defined(Below) || N != 1 || min(3, 4) != 3 || max(3, 4) != 4
#error "a macro is not what it was"
#endif

using Model = strata::Sequential<strata::Input<8, 8, 1>, strata::Conv2D<2, strata::Kernel<3>, strata::Same>,
                                 strata::MaxPooling2D<>, strata::Flatten, strata::Dense<3, strata::Softmax>>;

int main() {
    Model model;
    model.save("model.safetensors");
    model.load("model.safetensors");
    strata::save_onnx(model, "model.onnx");
    auto training = strata::compile(model, strata::Adam{}, strata::SparseCategoricalCrossentropy{}, strata::Accuracy{});
    training.summary();
}
